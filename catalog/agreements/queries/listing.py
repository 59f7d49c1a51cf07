"""The agreements as they stand: the list in its order, what each says now."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Case, F, IntegerField, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext

from catalog.agreements.models import Agreement, AgreementVersion
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team
from itsm.clocks.terms import WARN

if TYPE_CHECKING:
    from catalog.services.models import Service

# The narrower the subject, the sooner: an offering, a service, a tier, all. 0 is for an item.
RANK = Case(
    When(offering__isnull=False, then=Value(1)),
    When(service__isnull=False, then=Value(2)),
    When(tier__isnull=False, then=Value(3)),
    default=Value(4),
    output_field=IntegerField(),
)


def rank(agreement: Agreement) -> int:
    """The same of one that was read."""
    narrower = (agreement.offering_id, agreement.service_id, agreement.tier)
    return next((place for place, said in enumerate(narrower, start=1) if said is not None), 4)


def agreements() -> QuerySet[Agreement]:
    """All in their order: by what they are for, then by position; `newest` of each holds its newest version.

    Two queries.
    """
    newest = AgreementVersion.objects.filter(number=F("agreement__number")).select_related("calendar").order_by()
    found = Agreement.objects.select_related("service", "offering__service", "team")
    ordered = found.annotate(rank=RANK).order_by("rank", "position", "id")
    return ordered.prefetch_related(Prefetch("versions", newest, to_attr="newest"))


def living_agreements() -> QuerySet[Agreement]:
    """Those that are not retired, whatever they are for."""
    return Agreement.objects.filter(retired_at=None)


def holding_for(service: "Service", at: datetime) -> list[Agreement]:
    """The service level agreements that may hold for what is asked of a service at `at`, in their order, whatever they
    ask of priority, team, category and channel. Two queries."""
    return holding_for_each([service], at)[service.pk]


def holding_for_each(services: "Collection[Service]", at: datetime) -> dict[int, list[Agreement]]:
    """Service -> the same. Two queries, however many services."""
    ids = [one.pk for one in services]
    ours = Q(offering__service__in=ids) | Q(offering=None, service__in=ids) | Q(offering=None, service=None)
    valid = (Q(valid_from=None) | Q(valid_from__lte=at)) & (Q(valid_until=None) | Q(valid_until__gt=at))
    tier = Q(tier=None) | Q(tier__in={one.tier for one in services})
    found = agreements().filter(ours, valid, tier, agreement_type=Agreement.Type.SLA, retired_at=None)
    return {one.pk: [each for each in found if _may_hold(each, one)] for one in services}


def _may_hold(agreement: Agreement, service: "Service") -> bool:
    about = agreement.offering.service_id if agreement.offering is not None else agreement.service_id
    return about in (None, service.pk) and agreement.tier in (None, service.tier)


def newest_version(agreement: Agreement) -> AgreementVersion:
    """What it says now. No query for one of `agreements()`."""
    held: list[AgreementVersion] = getattr(agreement, "newest", [])
    known = held and held[0].number == agreement.number
    version = held[0] if known else agreement.versions.select_related("calendar").get(number=agreement.number)
    version.agreement = agreement
    return version


def warnings_or_usual(warn: Iterable[int] | None) -> list[int]:
    """50 and 75 per cent where nobody says otherwise."""
    return sorted(set(WARN if warn is None else warn))


def of_team(team: Team) -> list[Duty]:
    """Agreements for a team's records, for who wants to merge or retire it."""
    words = gettext("holds for a retired team")
    return [Duty(gettext("agreement"), one.name, one.name, one.get_absolute_url(), words) for one in _of(team)]


def _of(team: Team) -> "QuerySet[Agreement]":
    return Agreement.objects.filter(team=team, retired_at=None).order_by("position", "id")
