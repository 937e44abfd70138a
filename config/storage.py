"""How static files are called."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Hashed names and compressed copies once collectstatic has been run; before that, the files' own names.

    https://whitenoise.readthedocs.io/en/stable/django.html
    """

    def stored_name(self, name: str) -> str:
        """Return what ``name`` is called in a link."""
        return super().stored_name(name) if self.hashed_files else name
