"""Which agreement holds for something, and why; reads of the list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils.translation import gettext

from catalog.agreements.models import METRICS, Agreement, AgreementVersion
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team
from itsm.clocks.calendars import counted_by
from itsm.clocks.terms import WARN, Level, Terms

PAUSES = ("caller",)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an agreement is looked for: of a record those columns that conditions name. None and "" match any only."""

    service_id: int | None = None
    tier: int | None = None
    team_id: int | None = None
    priority: int | None = None
    category: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class AgreedTerms:
    """What holds for a record: the terms of each metric, and the rules around them."""

    agreement: int | None = None
    label: str = ""
    pauses: tuple[str, ...] = PAUSES
    on_reopen: str = "continue"
    terms: Mapping[str, Terms] = field(default_factory=dict)


def agreements() -> QuerySet[Agreement]:
    """All in their order; `newest` of each holds its newest version. Two queries."""
    newest = AgreementVersion.objects.filter(number=F("agreement__number")).select_related("calendar").order_by()
    return Agreement.objects.select_related("service", "team").prefetch_related(
        Prefetch("versions", newest, to_attr="newest")
    )


def newest_version(agreement: Agreement) -> AgreementVersion:
    """What it says now. No query for one of `agreements()`."""
    held: list[AgreementVersion] = getattr(agreement, "newest", [])
    known = held and held[0].number == agreement.number
    version = held[0] if known else agreement.versions.select_related("calendar").get(number=agreement.number)
    version.agreement = agreement
    return version


def why_not(agreement: Agreement, subject: Subject) -> str:
    """The first condition that does not hold, in words; empty where all do."""
    checks: tuple[tuple[bool, str], ...] = (
        (agreement.retired_at is not None, gettext("it is retired")),
        (_differs(agreement.service_id, subject.service_id), gettext("another service")),
        (_differs(agreement.tier, subject.tier), gettext("another tier")),
        (_differs(agreement.team_id, subject.team_id), gettext("another team")),
        (_differs(agreement.priority, subject.priority), gettext("another priority")),
        (_elsewhere(agreement.category, subject.category), gettext("another category")),
        (_differs(agreement.channel or None, subject.channel), gettext("another channel")),
    )
    return next((words for wrong, words in checks if wrong), "")


def _differs(wanted: Any, there: Any) -> bool:
    return wanted is not None and wanted != there


def _elsewhere(wanted: str, there: str) -> bool:
    """A category's path holds those below it as well: `Network` that of `Network / VPN`."""
    return bool(wanted) and there != wanted and not there.startswith(f"{wanted} / ")


def trace(subject: Subject) -> list[tuple[Agreement, str]]:
    """Each agreement in its order with why it does not hold; after the first that does: that this one came first."""
    found: list[tuple[Agreement, str]] = []
    first: Agreement | None = None
    for agreement in agreements():
        words = why_not(agreement, subject)
        if not words and first is not None:
            words = gettext("%(name)s comes first") % {"name": first.name}
        elif not words:
            first = agreement
        found.append((agreement, words))
    return found


def matching(subject: Subject) -> Agreement | None:
    """The first agreement that holds; None where there is none. One query."""
    version = _version_matching(subject)
    return None if version is None else version.agreement


def _version_matching(subject: Subject) -> AgreementVersion | None:
    """The newest version of the first agreement that holds. One query."""
    parts = subject.category.split(" / ") if subject.category else []
    paths = ["", *(" / ".join(parts[:number]) for number in range(1, len(parts) + 1))]
    newest = AgreementVersion.objects.filter(number=F("agreement__number")).select_related("agreement")
    return (
        newest.filter(
            Q(agreement__service=None) | Q(agreement__service=subject.service_id),
            Q(agreement__tier=None) | Q(agreement__tier=subject.tier),
            Q(agreement__team=None) | Q(agreement__team=subject.team_id),
            Q(agreement__priority=None) | Q(agreement__priority=subject.priority),
            Q(agreement__channel="") | Q(agreement__channel=subject.channel),
            agreement__category__in=paths,
            agreement__retired_at=None,
        )
        .order_by("agreement__position", "agreement_id")
        .first()
    )


def terms_of(version: AgreementVersion, at: datetime) -> AgreedTerms:
    """What a version means for clocks, by its calendar as it is in force at `at`. One query."""
    agreement = version.agreement
    label = f"{agreement.name} v{version.number}"
    basis = counted_by(version.calendar_id, at)
    levels = tuple(
        Level(one["after_minutes"] * 60, tuple(one.get("tell", ())), one.get("raise_to", ""))
        for one in version.levels
    )  # fmt: skip
    terms = {
        metric: Terms(
            version.targets[metric] * 60 if metric in version.targets else None,
            basis.calendar, basis.calendar_version, basis.calendar_label,
            agreement.pk, version.pk, label, tuple(version.warn), levels,
        )
        for metric in METRICS
    }  # fmt: skip
    return AgreedTerms(agreement.pk, label, tuple(version.pauses), version.on_reopen, terms)


def terms_for(
    subject: Subject, at: datetime, *, kept: Mapping[int, int] | None = None, calendar_id: int | None = None
) -> AgreedTerms:
    """What holds for a record at `at`; without an agreement no targets, counted by `calendar_id` (None: every second).

    `kept`: of agreements that count for it already the version with which they began, which they keep.
    """
    newest = _version_matching(subject)
    if newest is None:
        return without_agreement(calendar_id, at)
    version_id = (kept or {}).get(newest.agreement_id, newest.pk)
    if version_id == newest.pk:
        return terms_of(newest, at)
    return terms_of(AgreementVersion.objects.select_related("agreement").get(pk=version_id), at)


def without_agreement(calendar_id: int | None, at: datetime) -> AgreedTerms:
    """Clocks without targets, for reports: counted by this calendar, or all day and night. One query at most."""
    basis = counted_by(calendar_id, at)
    return AgreedTerms(terms=dict.fromkeys(METRICS, basis))


def warnings_or_usual(warn: Iterable[int] | None) -> list[int]:
    """50 and 75 per cent where nobody says otherwise."""
    return sorted(set(WARN if warn is None else warn))


def of_team(team: Team) -> list[Duty]:
    """Agreements for a team's records, for who wants to merge or retire it."""
    words = gettext("holds for a retired team")
    return [Duty(gettext("agreement"), one.name, one.name, one.get_absolute_url(), words) for one in _of(team)]


def _of(team: Team) -> "QuerySet[Agreement]":
    return Agreement.objects.filter(team=team, retired_at=None).order_by("position", "id")
