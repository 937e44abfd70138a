"""The site in headless Chromium: few journeys, each looked at in every state it passes through."""
