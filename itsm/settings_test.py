"""What tests do differently, and nothing else."""

import os

os.environ.setdefault("HEADROOM_SECRET_KEY", "only-for-tests-" + "0123456789abcdef" * 3)
os.environ.setdefault("HEADROOM_BASE_URL", "http://testserver")
os.environ.setdefault("DATABASE_URL", "postgres://headroom_owner@127.0.0.1/headroom")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")

from itsm.settings import *  # noqa: F403

ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CONFIGURATION_SECONDS = None
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]  # noqa: F405 -- tests collect no static files
