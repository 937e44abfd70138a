"""The forms: the shape of what people type, and nothing else. No request, no session, no network."""
