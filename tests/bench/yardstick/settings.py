"""The product's settings, with one more app and one more address."""

from itsm.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "yardstick"]  # noqa: F405
ROOT_URLCONF = "yardstick.urls"
