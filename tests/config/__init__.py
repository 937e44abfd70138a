"""The settings and what stands around every request."""
