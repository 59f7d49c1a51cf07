"""Choices of catalog items in words, and how much they take."""

from decimal import Decimal

from django.db import models
from django.utils.formats import number_format
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


_NO_DECIMALS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def decimals(currency: str) -> int:
    """How many digits the minor unit of a currency has behind the point (ISO 4217)."""
    return 0 if currency in _NO_DECIMALS else 3 if currency in _THREE_DECIMALS else 2


def in_words(minor: int, currency: str) -> str:
    """Minor units as people read them, in their language: 1,290.00 EUR. "" where no currency is known."""
    if not currency:
        return ""
    amount = Decimal(minor).scaleb(-decimals(currency))
    return f"{number_format(amount, decimals(currency), use_l10n=True, force_grouping=True)} {currency}"
