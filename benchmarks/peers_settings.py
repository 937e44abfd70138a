"""The settings of the smallest project that takes tokens by django-cognito-jwt."""

from benchmarks.environment import CLIENT_ID, POOL_ID, REGION, SITE

INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
SECRET_KEY = SITE["SECRET_KEY"]
ALLOWED_HOSTS = ["*"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
COGNITO_AWS_REGION = REGION
COGNITO_USER_POOL = POOL_ID
COGNITO_AUDIENCE = CLIENT_ID
REST_FRAMEWORK = {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}
