"""Choices of catalog items in words, and how much they take."""

from django.db import models
from django.utils.translation import gettext_lazy as _

MAX_NAME, MAX_SUMMARY, MAX_CATEGORY, MAX_KEYWORD = 120, 300, 60, 40
MAX_KEYWORDS, MAX_BUNDLE, MAX_TOKENS = 20, 20, 30
MAX_STEPS, MAX_PARTS, MAX_TASKS = 8, 8, 30
MAX_PRICE = 10**12  # minor units
MAX_HOURS = 8_760


class Status(models.TextChoices):
    """Of an item: the state of its newest version. Beside a draft or a proposed one an older one may be live."""

    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


class VersionStatus(models.TextChoices):
    """Of one version."""

    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Proposed")
    PUBLISHED = "published", _("Published")
    OUTDATED = "outdated", _("Outdated")
    DISCARDED = "discarded", _("Discarded")


class PricePeriod(models.TextChoices):
    """For how long a price is paid."""

    ONCE = "once", _("once")
    MONTH = "month", _("a month")
    YEAR = "year", _("a year")


class Who(models.TextChoices):
    """Who is asked in a part of an approval."""

    MANAGER = "manager", _("their manager")
    TEAM = "team", _("a team")
    ROLE = "role", _("a role")
    PERSON = "person", _("a person")
    SERVICE_OWNER = "service_owner", _("the owner of the service")
    QUESTION = "question", _("whom an answer names")


class TaskKind(models.TextChoices):
    """What a task of a fulfilment is: work of people, or a standard change."""

    WORK = "work", _("Work")
    CHANGE = "change", _("Standard change")
