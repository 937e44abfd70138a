"""Takes the pictures of README.md from the site itself: `make pictures` (docs/adr/0054)."""
