"""The site's own code: one file per flow, named like its page, and one per module that stands on its own."""
