"""Naming a delegate for a time, or a substitute in a panel, and ending it. People do it, each for themselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.accounts.operations.checks import require_active
from itsm.accounts.permissions import staff
from itsm.accounts.queries.assignable import around
from itsm.approvals import panels
from itsm.approvals.asked import kinds_by_name, titles
from itsm.approvals.models import Delegation
from itsm.approvals.permissions import DECIDING, delegation_enders, may_be_delegates, may_name_delegates
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.locks import AdvisoryLock
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

LONGEST = timedelta(days=366)
SETTINGS = "/delegations/"


class Scope(NamedTuple):
    """What may be delegated: `key` names it ("" for all, "change", "board:cab"), `name` is for people."""

    key: str
    name: str
    record_kind: str = ""
    panel_kind: str = ""
    panel_id: int | None = None


def scopes_of(actor: Actor) -> list[Scope]:
    """What this person may delegate: all that they decide, one kind of record, or their seat in one panel; whose role
    decides nothing, the kinds about which they may be asked by name."""
    if not may_be_delegates(actor):
        named = kinds_by_name()
        return [Scope(kind, str(title), record_kind=kind) for kind, title in titles() if kind in named]
    person_id = actor.id or 0
    kinds = [Scope(kind, str(title), record_kind=kind) for kind, title in titles()]
    seats = [
        Scope(f"{kind}:{slug}", name, panel_kind=kind, panel_id=number)
        for kind, slug, name, number in panels.named(person_id)
    ]
    return [Scope("", gettext("All that I decide")), *kinds, *seats]


@transaction.atomic
def delegate(
    *, actor: Actor, delegate: User, starts_at: datetime | None, ends_at: datetime, scope: str = "", at: datetime
) -> Delegation:
    """Let `delegate` decide in one's place in [starts_at, ends_at), from now on without a start.

    Raises NotPermitted (programs, and who may not decide about that), InvalidInput (nobody may be it, a loop, two at a
    time, a time that is over or longer than a year, a scope that is not theirs).
    """
    if actor.id is None or not may_name_delegates(actor):
        raise NotPermitted(gettext("People who decide name delegates, each for themselves."))
    _one_at_a_time()
    begins = max(starts_at or at, at)
    _require_time(begins, ends_at)
    chosen = _scope(actor, scope)
    _require_able(actor, delegate, chosen)
    _refuse_loop(actor.id, delegate, begins, ends_at)
    _refuse_second(actor.id, chosen, begins, ends_at)
    made = Delegation.objects.create(
        person_id=actor.id, delegate=delegate, starts_at=begins, ends_at=ends_at, record_kind=chosen.record_kind,
        panel_kind=chosen.panel_kind, panel_id=chosen.panel_id, scope=chosen.key, scope_name=chosen.name[:80],
        made_at=at,
    )  # fmt: skip
    lifecycle.created(made, actor=actor, changes={"delegate": [None, delegate.username], "scope": [None, scope]}, at=at)
    words = {"person": actor.name, "until": f"{ends_at:%Y-%m-%d %H:%M}", "from": f"{begins:%Y-%m-%d %H:%M}"}
    subject = _("You decide in the place of %(person)s from %(from)s until %(until)s UTC") % words
    notify([delegate], subject, body=chosen.name, path=SETTINGS, record=made, by=("delegation.changed", "approver"))
    return made


@transaction.atomic
def end_delegation(delegation: Delegation, *, actor: Actor, at: datetime, version: int | None) -> Delegation:
    """It is over from now on; the other one, or both, hear of it.

    Raises NotPermitted, WrongState (over already), StaleVersion, VersionRequired.
    """
    if not delegation_enders(actor, delegation):
        raise NotPermitted(gettext("A delegation is ended by one of the two whom it is about."))
    with lifecycle.edit(delegation, actor=actor, version=version, event="ended") as current:
        if current.ended_at is not None or current.ends_at <= at:
            raise WrongState(gettext("%(delegation)s is over.") % {"delegation": current.reference})
        current.ended_at, current.ended_by_id = at, actor.id
    told = [one for one in (current.person, current.delegate) if one.pk != actor.id and one.is_active]
    words = {"delegate": current.delegate, "person": current.person}
    subject = _("%(delegate)s no longer decides in the place of %(person)s") % words
    notify(told, subject, path=SETTINGS, record=current, by=("delegation.changed", "approver"))
    return current


def _one_at_a_time() -> None:
    """So that two people cannot make a loop together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.DELEGATIONS])


def _require_time(begins: datetime, ends: datetime) -> None:
    if ends <= begins:
        raise InvalidInput.about("ends_at", gettext("It ends after it starts, and after now."))
    if ends - begins > LONGEST:
        raise InvalidInput.about("ends_at", gettext("A year at the longest; name a delegate anew after that."))


def _scope(actor: Actor, key: str) -> Scope:
    known = {one.key: one for one in scopes_of(actor)}
    if key not in known and not may_be_delegates(actor):
        words = {"actor_name": actor.name, "names": ", ".join(sorted(known))}
        raise NotPermitted(gettext("%(actor_name)s may name a delegate for one of: %(names)s.") % words)
    if key not in known:
        names = ", ".join(sorted(filter(None, known)))
        raise InvalidInput.about(
            "scope", gettext("You delegate all that you decide, or one of: %(names)s.") % {"names": names}
        )
    return known[key]


def delegates_for(actor: Actor) -> QuerySet[User]:
    """Whom this person may name, of those whom they may know: who decides, of people who decide by their role; else
    everybody for who works here, and for others those around them."""
    people = User.objects.active_people().exclude(pk=actor.id or 0)
    if may_be_delegates(actor):
        return people.filter(roles__overlap=[role.value for role in DECIDING])
    return people if staff(actor) else people.filter(pk__in=around(actor.id or 0).values("pk"))


def _require_able(actor: Actor, delegate: User, scope: Scope) -> None:
    if delegate.pk == actor.id:
        raise InvalidInput.about("delegate", gettext("Nobody is their own delegate."))
    if not staff(actor) and not delegates_for(actor).filter(pk=delegate.pk).exists():
        raise InvalidInput.about("delegate", gettext("There is no account of this name."))
    by_name = scope.record_kind in kinds_by_name()
    if not delegate.is_human or not (by_name or may_be_delegates(actor_for(delegate, Door.TASK))):
        raise InvalidInput.about(
            "delegate", gettext("%(name)s may not decide: a person with a role that decides may.") % {"name": delegate}
        )
    require_active(delegate)
    if scope.panel_kind and scope.key in {f"{kind}:{slug}" for kind, slug, _name, _pk in panels.named(delegate.pk)}:
        raise InvalidInput.about(
            "delegate",
            gettext("%(name)s has a seat in %(panel)s: one person has one vote.")
            % {"name": delegate, "panel": scope.name},
        )


def _meeting(begins: datetime, ends: datetime) -> Iterable[Delegation]:
    found = Delegation.objects.filter(ended_at=None, starts_at__lt=ends, ends_at__gt=begins)
    return found.select_related("person", "delegate").order_by("id")


def _refuse_loop(person_id: int, delegate: User, begins: datetime, ends: datetime) -> None:
    """Whoever decides for me must not end up with me deciding for them, whatever the scopes."""
    onward: dict[int, list[Delegation]] = {}
    for one in _meeting(begins, ends):
        onward.setdefault(one.person_id, []).append(one)
    waiting, seen = [(delegate.pk, [str(delegate)])], {delegate.pk}
    while waiting:
        here, names = waiting.pop()
        for one in onward.get(here, ()):
            way = [*names, str(one.delegate)]
            if one.delegate_id == person_id:
                raise InvalidInput.about(
                    "delegate",
                    gettext("That is a loop: %(way)s decide in each other's place at that time.")
                    % {"way": " → ".join(way)},
                )
            if one.delegate_id not in seen:
                seen.add(one.delegate_id)
                waiting.append((one.delegate_id, way))


def _refuse_second(person_id: int, scope: Scope, begins: datetime, ends: datetime) -> None:
    for one in _meeting(begins, ends):
        if (one.person_id, one.scope) == (person_id, scope.key):
            words = {"delegate": one.delegate, "until": f"{one.ends_at:%Y-%m-%d %H:%M}"}
            raise InvalidInput.about(
                "ends_at",
                gettext("%(delegate)s decides in your place there until %(until)s UTC; end that first.") % words,
            )
