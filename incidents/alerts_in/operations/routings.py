"""The rules of routing: a person writes the next version, another confirms it, and from then on it holds."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext

from catalog.services.queries import every_service
from incidents.alerts_in import permissions
from incidents.alerts_in.models import RoutingVersion
from incidents.alerts_in.rules.routing import wrong_with
from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.approvals.confirming import Difference, propose
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted, StaleVersion
from itsm.kernel.texts import is_blank
from itsm.locks import AdvisoryLock, one_at_a_time

if TYPE_CHECKING:
    from itsm.approvals.models import Confirmation

ROUTING = "alerts: route by new rules"


def held(*, at: datetime) -> RoutingVersion:
    """The version that holds; the first has no rules. Raises nothing."""
    newest = RoutingVersion.objects.order_by("-version").first()
    if newest is not None:
        return newest
    RoutingVersion.objects.bulk_create([RoutingVersion(version=1, rules=[], at=at)], ignore_conflicts=True)
    return RoutingVersion.objects.get(version=1)


@transaction.atomic
def propose_rules(
    *, actor: Actor, rules: Any, reason: str, version: int, at: datetime
) -> "tuple[RoutingVersion, Confirmation]":
    """Ask a second person to let these rules hold. `version`: the one that was read.

    Raises NotPermitted, InvalidInput, MissingInformation, StaleVersion, Conflict (nothing is different).
    """
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Change managers and administrators keep the routing of alerts."))
    if is_blank(reason):
        raise MissingInformation(gettext("Say why the routing changes."), missing=[gettext("a reason")])
    checked = require_sound(rules)
    before = held(at=at)
    if version != before.version:
        said = gettext("The routing is at version %(now)s; you read version %(read)s.")
        raise StaleVersion(said % {"now": before.version, "read": version}, version=before.version)
    if checked == before.rules:
        raise Conflict(gettext("These rules hold already."))
    confirmation = propose(
        before, actor=actor, at=at, action=ROUTING,
        subject=gettext("New rules of routing for alerts"),
        payload={"rules": checked, "version": before.version, "reason": reason[:500]},
        differences=list(_differences(before.rules, checked)), services=[], roles=(Role.MANAGER, Role.ADMIN),
        reason=reason,
    )  # fmt: skip
    return before, confirmation


def require_sound(rules: Any) -> list[Any]:
    """The rules, with services and teams that there are. Raises InvalidInput with what is wrong first."""
    listed: list[Any] = rules
    if wrong := wrong_with(listed):
        raise InvalidInput.about("rules", wrong)
    named = {one["then"]["service"] for one in listed if "service" in one["then"]}
    teams = {one["then"]["team"] for one in listed if "team" in one["then"]}
    known = set(every_service().filter(slug__in=named).values_list("slug", flat=True))
    known_teams = set(Team.objects.filter(slug__in=teams, retired_at=None).values_list("slug", flat=True))
    if missing := sorted(named - known):
        raise InvalidInput.about("rules", gettext("There is no service %(name)s.") % {"name": missing[0]})
    if missing := sorted(teams - known_teams):
        raise InvalidInput.about("rules", gettext("There is no team %(name)s.") % {"name": missing[0]})
    return listed


def _differences(before: Sequence[Any], after: Sequence[Any]) -> Sequence[Difference]:
    """One line for each rule that comes, goes or says something else; at most fifty."""
    old, new = ({one["name"]: in_words(one) for one in rules} for rules in (before, after))
    names = [name for name in dict.fromkeys([*old, *new]) if old.get(name) != new.get(name)]
    if not names:
        return [Difference(gettext("order"), " > ".join(old)[:500], " > ".join(new)[:500])]
    return [Difference(name, old.get(name, ""), new.get(name, "")) for name in names[:50]]


def in_words(rule: Any) -> str:
    """`service equals checkout → service checkout, priority 2`."""
    tests = [_condition(one) for one in rule["when"]]
    says = ", ".join(name if value is True else f"{name} {value}" for name, value in rule["then"].items())
    return f"{' and '.join(tests)} → {says}"[:500]


def _condition(one: Any) -> str:
    value = one.get("value", "")
    shown = ", ".join(value) if isinstance(value, list) else value
    return f"{one['label']} {one['is'].replace('_', ' ')} {shown}".strip()


def route_as_confirmed(confirmation: "Confirmation", actor: Actor, at: datetime) -> None:
    """The second person's word: the next version holds. Raises Conflict where another came in between."""
    payload = confirmation.payload
    one_at_a_time(AdvisoryLock.VERSIONS)
    before = RoutingVersion.objects.order_by("-version")[0]
    if before.version != payload["version"]:
        raise Conflict(gettext("The routing was changed since this was proposed: propose it anew."))
    made = RoutingVersion.objects.create(
        version=before.version + 1, rules=payload["rules"], reason=payload["reason"],
        by_id=confirmation.proposed_by_id, confirmed_by_id=actor.id, at=at,
    )  # fmt: skip
    lifecycle.created(made, actor=actor, changes={"rules": [len(before.rules), len(made.rules)]})
