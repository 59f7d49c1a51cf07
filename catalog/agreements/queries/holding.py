"""Which agreement holds for something, and why."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext

from catalog.agreements.models import METRICS, Agreement, AgreementVersion, Offering
from catalog.agreements.queries.listing import agreements, rank
from itsm import rows
from itsm.accounts.models import Team
from itsm.clocks.calendars import counted_by
from itsm.clocks.terms import Level, Terms
from itsm.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from catalog.services.models import Service

PAUSES = ("caller",)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an agreement is looked for: of a record those columns that conditions name. None and "" match any only.

    `agreement_id`: the agreement that its offering names.
    """

    service_id: int | None = None
    tier: int | None = None
    team_id: int | None = None
    priority: int | None = None
    category: str = ""
    channel: str = ""
    offering_id: int | None = None
    agreement_id: int | None = None


def subject(
    *,
    service: "Service | None" = None,
    offering: Offering | None = None,
    team: Team | None = None,
    priority: int | None = None,
    category: str = "",
    channel: str = "",
) -> Subject:
    """The subject of what is asked for so, under the offering's own service. InvalidInput where another was named."""
    if offering is not None and service is not None and service.pk != offering.service_id:
        raise InvalidInput.about("offering", gettext("That is no offering of this service."))
    about = offering.service if offering is not None else service
    return Subject(
        about.pk if about else None, about.tier if about else None, team.pk if team else None, priority, category,
        channel, offering.pk if offering else None, offering.agreement_id if offering else None,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class AgreedTerms:
    """What holds for a record: the terms of each metric, and the rules around them."""

    agreement: int | None = None
    label: str = ""
    pauses: tuple[str, ...] = PAUSES
    on_reopen: str = "continue"
    terms: Mapping[str, Terms] = field(default_factory=dict)


def why_not(agreement: Agreement, subject: Subject, at: datetime) -> str:
    """The first condition that does not hold at `at`, in words; empty where all do."""
    checks: tuple[tuple[bool, str], ...] = (
        (agreement.retired_at is not None, gettext("it is retired")),
        (agreement.agreement_type != Agreement.Type.SLA, gettext("it stands behind others")),
        (agreement.valid_from is not None and agreement.valid_from > at, gettext("it is not valid yet")),
        (agreement.valid_until is not None and agreement.valid_until <= at, gettext("it has run out")),
        (_differs(agreement.offering_id, subject.offering_id), gettext("another offering")),
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


def trace(subject: Subject, at: datetime | None = None) -> list[tuple[Agreement, str]]:
    """Each agreement in the order in which they are asked, with why it does not hold at `at` (now); after the first
    that does: that this one came first. Two queries."""
    found: list[tuple[Agreement, str]] = []
    first: Agreement | None = None
    named = subject.agreement_id

    def place(one: Agreement) -> tuple[int, int, int]:
        return (1 if one.pk == named else rank(one), one.position, one.pk)

    for agreement in sorted(agreements(), key=place):
        words = why_not(agreement, subject, at or timezone.now())
        if not words and first is not None:
            words = gettext("%(name)s comes first") % {"name": first.name}
        elif not words:
            first = agreement
        found.append((agreement, words))
    return found


def matching(subject: Subject, at: datetime | None = None) -> Agreement | None:
    """The first agreement that holds at `at` (now); None where there is none. Two queries at most."""
    version = _version_matching(subject, at or timezone.now())
    return None if version is None else version.agreement


# Asked at each turn of a record: Django takes twenty times as long to build this as PostgreSQL to answer it.
# `trace` and `rank` say the same of agreements that were read (tests/catalog/agreements holds them together).
_FIRST = """
SELECT version.id FROM catalog_agreement AS agreement
LEFT JOIN catalog_agreementversion AS version
  ON version.agreement_id = agreement.id AND version.number = agreement.number
WHERE agreement.agreement_type = 'sla'
  AND (agreement.id = ANY (%(kept)s) OR agreement.retired_at IS NULL
    AND (agreement.valid_from IS NULL OR agreement.valid_from <= %(at)s)
    AND (agreement.valid_until IS NULL OR agreement.valid_until > %(at)s))
  AND (agreement.offering_id IS NULL OR agreement.offering_id = %(offering_id)s)
  AND (agreement.service_id IS NULL OR agreement.service_id = %(service_id)s)
  AND (agreement.tier IS NULL OR agreement.tier = %(tier)s)
  AND (agreement.team_id IS NULL OR agreement.team_id = %(team_id)s)
  AND (agreement.priority IS NULL OR agreement.priority = %(priority)s)
  AND agreement.channel IN ('', %(channel)s) AND agreement.category = ANY (%(paths)s)
ORDER BY
  CASE WHEN agreement.id = %(agreement_id)s OR agreement.offering_id IS NOT NULL THEN 1
    WHEN agreement.service_id IS NOT NULL THEN 2 WHEN agreement.tier IS NOT NULL THEN 3 ELSE 4 END,
  agreement.position, agreement.id
LIMIT 1
"""


def _version_matching(subject: Subject, at: datetime, kept: Collection[int] = ()) -> AgreementVersion | None:
    """The newest version of the first agreement that holds; what counts already (`kept`) holds on.

    At most two queries.
    """
    parts = subject.category.split(" / ") if subject.category else []
    paths = ["", *(" / ".join(parts[:number]) for number in range(1, len(parts) + 1))]
    with connection.cursor() as cursor:
        cursor.execute(_FIRST, {**asdict(subject), "paths": paths, "kept": list(kept), "at": at})
        found = cursor.fetchone()
    if found is None:
        return None
    return rows.joined(AgreementVersion, ("agreement",), "it.id = %s", [found[0]])


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
    newest = _version_matching(subject, at, kept or ())
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
