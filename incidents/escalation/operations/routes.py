"""Every write to the table of routes. It is locked as a whole: positions run from one without holes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time
from typing import Any
from zoneinfo import available_timezones

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.services.queries import visible_services
from incidents.escalation import permissions, queries, rules
from incidents.escalation.models import EscalationRoute
from incidents.escalation.vocabulary import Preset
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted
from itsm.paging.models import EscalationPolicy
from itsm.paging.queries.reading import has_last_resort

MOST = 200


def add_route(*, actor: Actor, policy: EscalationPolicy, position: int | None = None, **said: Any) -> EscalationRoute:
    """A route, at a position or last, yet before the first that takes everything; those behind it move back.

    Raises NotPermitted, InvalidInput, NotFound, Conflict.
    """
    _require_keeper(actor)
    with transaction.atomic():
        _locked()
        count = EscalationRoute.objects.count()
        if count >= MOST:
            raise Conflict(_("There are at most %(most)d routes.") % {"most": MOST})
        made = EscalationRoute(position=count + 1, policy=policy, **said)
        _check(made, actor)
        made.save(force_insert=True)
        lifecycle.created(made, actor=actor, changes={"policy": [None, policy.slug]})
        place = _before_what_takes_all(made) if position is None else position
        if place != made.position:
            _placed(made, place)
    return made


def _before_what_takes_all(route: EscalationRoute) -> int:
    """Where a new one still takes something: behind a route without conditions no other is ever taken."""
    if route.takes_everything:
        return route.position
    return next((one.position for one in _in_order() if one.takes_everything), route.position)


def edit_route(route: EscalationRoute, *, actor: Actor, version: int | None, **said: Any) -> EscalationRoute:
    """Change conditions or policy. Raises NotPermitted, InvalidInput, NotFound, StaleVersion, VersionRequired, and
    Conflict where what presses would page nobody."""
    _require_keeper(actor)
    with transaction.atomic(), _leaves_nobody_unpaged(actor):
        _locked()
        with lifecycle.edit(route, actor=actor, version=version) as current:
            for name, value in said.items():
                setattr(current, name, value)
            _check(current, actor)
    return current


def move_route(route: EscalationRoute, *, actor: Actor, position: int) -> EscalationRoute:
    """Before or behind others: the first that holds counts. Raises NotPermitted, InvalidInput, NotFound."""
    _require_keeper(actor)
    with transaction.atomic():
        _locked()
        current = lifecycle.locked(route)
        before = current.position
        _placed(current, position)
        if current.position != before:
            changes = {"position": [before, current.position]}
            lifecycle.announce(current, "moved", actor=actor, changes=changes)
        return current


def remove_route(route: EscalationRoute, *, actor: Actor, version: int | None) -> None:
    """It takes nothing any more. Raises NotPermitted, NotFound, StaleVersion, VersionRequired, and Conflict where what
    it took would page nobody."""
    _require_keeper(actor)
    with transaction.atomic(), _leaves_nobody_unpaged(actor):
        _locked()
        with lifecycle.edit(route, actor=actor, version=version, going=True) as current:
            lifecycle.announce(current, "removed", actor=actor, changes={"policy": [current.policy.slug, None]})
            EscalationRoute.objects.filter(pk=current.pk).delete()
        _numbered(_in_order())


def apply_preset(
    preset: str, *, actor: Actor, builders: EscalationPolicy, operations: EscalationPolicy, zone: str, service: Any
) -> list[EscalationRoute]:
    """Lay a preset's routes for a service, before all others; what stood for it goes.

    Raises NotPermitted, InvalidInput, NotFound, Conflict.
    """
    _require_keeper(actor)
    if preset not in Preset.values:
        raise InvalidInput.about("preset", _("builders, by_day or operations."))
    policies = {"builders": builders, "operations": operations}
    with transaction.atomic():
        _locked()
        for old in EscalationRoute.objects.filter(service=service, team=None, urgency=""):
            lifecycle.announce(old, "removed", actor=actor, changes={"policy": [old.policy.slug, None]})
            old.delete()
        _numbered(_in_order())
        return [
            add_route(
                actor=actor, policy=policies[one.whose], position=place, service=service, days=[*one.days],
                between_from=one.begin, between_to=one.end, zone=zone,
            )
            for place, one in enumerate(rules.drawn(Preset(preset)), 1)
        ]  # fmt: skip


@contextmanager
def _leaves_nobody_unpaged(actor: Actor) -> Iterator[None]:
    """Raise Conflict where an edit takes away what alerts, or incidents of a tier 1 service, were paged by, and no last
    resort is named that would be called then."""
    at = timezone.now()
    before = None if has_last_resort() else queries.untaken(at)
    yield
    if before is None or not (bare := queries.untaken(at) - before):
        return
    found = visible_services(actor).filter(pk__in={one[0] for one in bare if one[0]})
    services = sorted(str(one) for one in found)
    whom = ", ".join(services) or _("alerts of no service")
    raise Conflict(
        _("No route would say whom %(whom)s page. Lay another one first, or name a last resort.") % {"whom": whom}
    )


def follow_routes(old: Team, new: Team, actor: Actor) -> int:
    """Routes of a queue that is merged are of the other one. How many. Raises nothing."""
    return EscalationRoute.objects.filter(team=old).update(team=new)


def _require_keeper(actor: Actor) -> None:
    if not permissions.keepers(actor):
        raise NotPermitted(_("Which incidents page whom is said by managers and administrators."))


def _locked() -> None:
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE incidents_escalationroute IN SHARE ROW EXCLUSIVE MODE")


def _in_order() -> list[EscalationRoute]:
    return list(EscalationRoute.objects.order_by("position", "pk"))


def _placed(route: EscalationRoute, position: int) -> None:
    others = list(EscalationRoute.objects.exclude(pk=route.pk).order_by("position", "pk"))
    if not 1 <= position <= len(others) + 1:
        raise InvalidInput.about("position", _("From 1 to %(most)d.") % {"most": len(others) + 1})
    others.insert(position - 1, route)
    _numbered(others)


def _numbered(rows: list[EscalationRoute]) -> None:
    """The constraint is looked at when the transaction ends."""
    for place, one in enumerate(rows, 1):
        if one.position != place:
            one.position = place
            EscalationRoute.objects.filter(pk=one.pk).update(position=place)


def _check(route: EscalationRoute, actor: Actor) -> None:
    if route.zone not in available_timezones():
        raise InvalidInput.about("zone", _("There is no time zone of this name, such as Europe/Berlin."))
    if any(day not in range(7) for day in route.days):
        raise InvalidInput.about("days", _("Days are numbers from 0, Monday, to 6, Sunday."))
    if (route.between_from is None) != (route.between_to is None):
        raise InvalidInput.about("between_to", _("Say both times, or none."))
    for name in ("between_from", "between_to"):
        if getattr(route, name) is not None and not isinstance(getattr(route, name), time):
            raise InvalidInput.about(name, _("A time such as 08:00."))
    held = lifecycle.locked(route.policy)  # whoever retires it looks for routes with it locked
    if held.retired_at is not None or not EscalationPolicy.objects.visible_to(actor).filter(pk=held.pk).exists():
        raise NotFound(_("There is no such escalation policy."))
    if route.service_id is not None and not visible_services(actor).filter(pk=route.service_id).exists():
        raise NotFound(_("There is no such service."))
