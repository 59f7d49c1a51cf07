"""Choices of articles in words, and how much they take."""

from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_TITLE = 200
MAX_SYMPTOMS = 2_000
MAX_RESULTS = 3  # while somebody types
SHORTEST = 3  # characters from which an answer is offered
REVIEW_DAYS = 365  # until it is looked at again, where nobody says otherwise


class Status(models.TextChoices):
    """Of an article: the state of its newest version. Beside a draft or a review an older one may be live."""

    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class VersionStatus(models.TextChoices):
    """Of one version."""

    DRAFT = "draft", _("Draft")
    REVIEW = "review", _("In review")
    PUBLISHED = "published", _("Published")
    OUTDATED = "outdated", _("Outdated")
    RETIRED = "retired", _("Retired")
    DISCARDED = "discarded", _("Discarded")


class Language(models.TextChoices):
    """In which it is written: how its words are reduced to their stems. Configurations of PostgreSQL."""

    ENGLISH = "english", _("English")
    GERMAN = "german", _("German")
    FRENCH = "french", _("French")
    SPANISH = "spanish", _("Spanish")
    OTHER = "simple", _("another language")
