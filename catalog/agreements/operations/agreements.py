"""Every write to agreements. Other terms make the next version, which holds for what begins from now on."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.agreements.models import CHANNELS, HOLD_REASONS, METRICS, TOLD, Agreement, AgreementVersion
from catalog.agreements.operations.offerings import offerings_follow
from catalog.agreements.permissions import agreement_keepers
from catalog.agreements.queries import newest_version, warnings_or_usual
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.accounts.operations import require_standing
from itsm.alike import told_apart
from itsm.clocks import calendars, durations
from itsm.clocks.models import Calendar
from itsm.clocks.thresholds import MAX_LEVELS
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import read_alike
from itsm.work.category_references import Reference

CONDITIONS = ("service", "offering", "tier", "team", "priority", "category", "channel")
_PLAIN = ("name", "agreement_type", "party", "position", "valid_from", "valid_until", *CONDITIONS)
_PLACES = Decimal("0.000000001")
Targets = Mapping[str, int | str]


def create_agreement(
    *,
    actor: Actor,
    at: datetime,
    name: str,
    targets: Targets,
    availability: Decimal | None = None,
    calendar: Calendar | None = None,
    pauses: Collection[str] = ("caller",),
    warn: Collection[int] | None = None,
    on_reopen: str = "continue",
    levels: Sequence[Mapping[str, Any]] = (),
    **conditions: Any,
) -> Agreement:
    """An agreement with its first version; an absent condition means any. `availability`: a share, above 0 to 1.

    Raises NotPermitted, InvalidInput (each fault of the terms, an unknown team), Conflict (the name is taken).
    """
    _keeper(actor)
    agreement = Agreement(name=name.strip(), **_checked_conditions(conditions))
    wanted = _terms(calendar, targets, availability, pauses, warn, on_reopen, levels, at)
    _fits(agreement)
    with transaction.atomic():
        require_standing(agreement.team)
        _refuse_taken(agreement)
        with told_apart(lambda: _taken(agreement.name)):
            agreement.save(force_insert=True)
        _append(agreement, wanted, actor, at)
        changes = {"name": [None, agreement.name], "targets": [None, wanted["targets"]]}
        return lifecycle.created(agreement, actor=actor, changes=changes, at=at)


def edit_agreement(
    agreement: Agreement, *, actor: Actor, version: int | None, at: datetime, **said: Any
) -> Agreement:  # fmt: skip
    """Change name, party, place, conditions, validity, or terms (calendar, targets, availability, pauses, warn,
    on_reopen, levels).

    Clocks that were begun keep their terms; another agreement, or a record that changes, brings new ones.
    Raises NotPermitted, InvalidInput, Conflict (the name is taken), StaleVersion, VersionRequired.
    """
    _keeper(actor)
    conditions = _checked_conditions({name: value for name, value in said.items() if name in _PLAIN})
    wanted_name = conditions.get("name", agreement.name)
    with (
        told_apart(lambda: _taken(wanted_name)),
        lifecycle.edit(agreement, actor=actor, version=version) as current,
    ):
        held = newest_version(current)
        names = ("targets", "availability", "pauses", "on_reopen", "levels")
        kept = {name: said.get(name, getattr(held, name)) for name in names}
        wanted = _terms(said.get("calendar", held.calendar), at=at, warn=said.get("warn", held.warn), **kept)
        for name, value in conditions.items():
            setattr(current, name, value)
        _fits(current)
        require_standing(current.team)
        _refuse_taken(current)
        if any(getattr(held, name) != value for name, value in wanted.items()):
            current.number += 1
            _append(current, wanted, actor, at)
    return current


def retire_agreement(agreement: Agreement, *, actor: Actor, version: int | None, at: datetime) -> Agreement:
    """It holds for nothing new. Raises NotPermitted, StaleVersion, VersionRequired."""
    _keeper(actor)
    with lifecycle.edit(agreement, actor=actor, version=version, event="retired") as current:
        current.retired_at = current.retired_at or at
    return current


def revive_agreement(agreement: Agreement, *, actor: Actor, version: int | None) -> Agreement:
    """It holds again. Raises NotPermitted, StaleVersion, VersionRequired."""
    _keeper(actor)
    with lifecycle.edit(agreement, actor=actor, version=version, event="revived") as current:
        current.retired_at = None
    return current


def agreements_follow(old: Team, new: Team, actor: Actor) -> int:
    """The agreements for a team that is merged hold for the other one, and what was offered to it is offered to that,
    in the merge's transaction. How many.

    Raises nothing.
    """
    found = list(Agreement.objects.filter(team=old).order_by("pk"))
    for agreement in found:
        with lifecycle.edit(agreement, actor=actor, version=None, version_required=False) as current:
            current.team = new
    return len(found) + offerings_follow(old, new, actor)


def _fits(agreement: Agreement) -> None:
    """InvalidInput where the conditions contradict each other, or it would end before it begins."""
    begins, ends = agreement.valid_from, agreement.valid_until
    if begins is not None and ends is not None and begins >= ends:
        raise InvalidInput.about("valid_until", gettext("An agreement ends after it begins."))
    if agreement.offering is not None and agreement.service is not None:
        raise InvalidInput.about("service", gettext("An offering belongs to its service: name one of the two."))


def _rename(agreement: Agreement, renames: Mapping[str, str]) -> None:
    agreement.category = renames.get(agreement.category, agreement.category)


OF_CATEGORIES = Reference(
    lambda _kind: list(Agreement.objects.exclude(category="").order_by("pk")), lambda one: {one.category}, _rename
)


def _keeper(actor: Actor) -> None:
    if not agreement_keepers(actor):
        raise NotPermitted(gettext("Administrators keep the agreements."))


def _refuse_taken(agreement: Agreement) -> None:
    if Agreement.objects.filter(name_key=read_alike(agreement.name)).exclude(pk=agreement.pk).exists():
        raise _taken(agreement.name)


def _taken(name: str) -> Conflict:
    return Conflict(gettext("There is an agreement called %(name)s already.") % {"name": name})


def _checked_conditions(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of an agreement beside its terms. InvalidInput for an unknown channel."""
    found = {name: value for name, value in said.items() if name in _PLAIN}
    if found.get("channel") and found["channel"] not in CHANNELS:
        raise _unknown("channel", found["channel"], CHANNELS)
    for name in ("category", "channel", "party"):
        if name in found:
            found[name] = (found[name] or "").strip()
    if "name" in found:
        found["name"] = found["name"].strip()
    return found


def _terms(
    calendar: Calendar | None,
    targets: Targets,
    availability: Decimal | None,
    pauses: Collection[str],
    warn: Collection[int] | None,
    on_reopen: str,
    levels: Sequence[Mapping[str, Any]],
    at: datetime,
) -> dict[str, Any]:
    """The columns of a version. InvalidInput where they cannot be meant."""
    for reason in pauses:
        if reason not in HOLD_REASONS:
            raise _unknown("pauses", reason, HOLD_REASONS)
    shares = warnings_or_usual(warn)
    if len(shares) > 5 or any(not 1 <= share <= 99 for share in shares):
        raise InvalidInput.about("warn", gettext("Warn at most five times, at 1 to 99 per cent."))
    return {
        "calendar": calendar,
        "targets": _targets(calendar, targets, at, promises_more=availability is not None),
        "availability": _availability(availability),
        "pauses": sorted(set(pauses)),
        "warn": shares,
        "on_reopen": on_reopen,
        "levels": _levels(levels),
    }


def _availability(share: Decimal | None) -> Decimal | None:
    """InvalidInput for what is no share."""
    if share is not None and not 0 < share <= 1:
        sentence = gettext("Availability is a share above 0 and at most 1, such as 0.995.")
        raise InvalidInput.about("availability", sentence)
    return None if share is None else share.quantize(_PLACES, ROUND_DOWN)


def _targets(calendar: Calendar | None, targets: Targets, at: datetime, *, promises_more: bool) -> dict[str, int]:
    hours = calendars.hours_at(calendar.pk if calendar else None, at)
    found: dict[str, int] = {}
    for metric, said in targets.items():
        if metric not in METRICS:
            raise _unknown("targets", metric, METRICS)
        field = f"targets.{metric}"
        found[metric] = (
            durations.minutes_of(said, hours, field) if isinstance(said, str) else durations.checked(said, field)
        )  # fmt: skip
    if not found and not promises_more:
        raise InvalidInput.about("targets", gettext("An agreement without any target promises nothing."))
    return found


def _levels(levels: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(levels) > MAX_LEVELS:
        raise InvalidInput.about("levels", gettext("At most %(most)d levels.") % {"most": MAX_LEVELS})
    found = []
    for place, one in enumerate(levels):
        field = f"levels.{place}"
        tell, raise_to = list(one.get("tell", ())), str(one.get("raise_to", "") or "")
        for who in tell:
            if who not in TOLD:
                raise _unknown(field, who, TOLD)
        if raise_to and not Team.objects.filter(slug=raise_to).exists():
            raise InvalidInput.about(field, gettext("There is no team %(name)s.") % {"name": raise_to[:63]})
        after = durations.checked(one.get("after_minutes", 0), field)
        found.append({"after_minutes": after, "tell": tell, "raise_to": raise_to})
    return sorted(found, key=lambda one: int(one["after_minutes"]))


def _unknown(field: str, said: str, known: Sequence[str]) -> InvalidInput:
    words = {"said": str(said)[:40], "known": ", ".join(known)}
    return InvalidInput.about(field, gettext("%(said)s is not known; known are %(known)s.") % words)


def _append(agreement: Agreement, wanted: Mapping[str, Any], actor: Actor, at: datetime) -> AgreementVersion:
    return AgreementVersion.objects.create(
        agreement=agreement, number=agreement.number, by_id=actor.id, by_name=actor.name[:150], at=at, **wanted
    )
