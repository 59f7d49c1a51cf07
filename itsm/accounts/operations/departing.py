"""People leave, and come back: one transaction ends every way in and passes on what they answered for."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts import duties
from itsm.accounts.models import Session, Team, Token, User
from itsm.accounts.operations.checks import (
    check_owner,
    locked_people,
    people_keep_who_decides,
    people_keepers_only,
    refuse_agents,
    refuse_last_administrator,
    require_unsealed,
    still_keepers_only,
)
from itsm.accounts.operations.teams import set_member
from itsm.accounts.queries.departures import teams_led_alone
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.notifications.models import PushDevice
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _


@transaction.atomic
def deactivate(user: User, *, actor: Actor, successor: User | None = None, reason: str = "") -> User:
    """End an account: sessions, tokens, links and what waits for them, at once and together.

    What the person answered for goes to the `successor`, or is left for somebody to look after; their programs go
    with them where there is no successor, their software agents in any case. Whatever signs in or asks for a token at
    the same moment is either ended here or refused: it waits for this transaction, or this one waits for it.
    Raises NotPermitted (oneself), Conflict (not active, the last administrator), InvalidInput (the successor).
    """
    people_keepers_only(actor)
    if actor.id == user.pk:
        raise NotPermitted(gettext("Another administrator deactivates your account."))
    require_unsealed(user, actor)
    at = timezone.now()
    held = locked_people(user, successor, around=user)
    still_keepers_only(actor, held)
    leaver = held[user.pk]
    if not leaver.is_active:
        raise Conflict(gettext("%(user)s is not active.") % {"user": leaver.username})
    refuse_last_administrator(leaver, held)
    taker = _checked_successor(leaver, held[successor.pk] if successor is not None else None)
    led = teams_led_alone(leaver)
    left = [one for one in duties.duties_of(leaver) if taker is None or not one.passes]
    ended = _end_account(leaver, actor, at)
    _pass_on(leaver, taker, held, led, actor, at)
    duties.hand_over(leaver, taker, actor=actor, at=at)
    changes = {"is_active": [True, False], "successor": [None, taker.username if taker else None], **ended}
    lifecycle.announce(leaver, "deactivated", actor=actor, changes=changes, remark=reason.strip()[:2000])
    _notify_administrators(leaver, taker, left, actor)
    return leaver


@transaction.atomic
def reactivate(user: User, *, actor: Actor) -> User:
    """The account works again, with its roles and teams; sessions, tokens and duties that ended stay ended.

    Raises NotPermitted, Conflict (active already, merged), InvalidInput (a program whose owner has left).
    """
    people_keepers_only(actor)
    held = locked_people(user)
    still_keepers_only(actor, held)
    current = held[user.pk]
    people_keep_who_decides(actor, *current.roles)
    refuse_agents(current)
    if current.is_active:
        raise Conflict(gettext("%(user)s is active.") % {"user": current.username})
    if current.merged_into is not None:
        words = {"user": current.username, "into": current.merged_into.username}
        raise Conflict(gettext("%(user)s was merged into %(into)s, and stays so.") % words)
    check_owner(current.account_type, current.owner)
    current.is_active = True
    current.access_version += 1
    current.version += 1
    current.save(update_fields=["is_active", "access_version", "version"])
    lifecycle.announce(current, "reactivated", actor=actor, changes={"is_active": [False, True]})
    return current


def _checked_successor(leaver: User, successor: User | None) -> User | None:
    if successor is None:
        return None
    if successor.pk == leaver.pk or not successor.is_human or not successor.is_active:
        raise InvalidInput(
            gettext("A successor is another person, and active."), {"successor": [gettext("Not an active person.")]}
        )
    return successor


def _end_account(account: User, actor: Actor, at: datetime) -> dict[str, list[object]]:
    """Every way in ends. What that was, for the history."""
    account.is_active = False
    account.access_version += 1
    account.version += 1
    account.save(update_fields=["is_active", "access_version", "version"])
    sessions, _by_model = Session.objects.filter(user=account).delete()
    PushDevice.objects.filter(user=account).delete()
    tokens = [one.reference for one in Token.objects.filter(owner=account, revoked_at=None)]
    Token.objects.filter(owner=account, revoked_at=None).update(revoked_at=at)
    return {"sessions": [sessions, 0], "tokens": [tokens, []]}


def _pass_on(
    leaver: User, successor: User | None, held: Mapping[int, User], led: list[Team], actor: Actor, at: datetime
) -> None:
    """What accounts itself keeps of people: programs, reports, teams without another lead."""
    for one in held.values():
        if one.owner_id == leaver.pk and one.is_active:
            _pass_on_program(one, leaver, successor, actor, at)
        if one.manager_id == leaver.pk:
            above = successor.pk if successor is not None and successor.pk != one.pk else leaver.manager_id
            _assign(one, actor, manager_id=above if above != one.pk else None)
    if successor is not None:
        if successor.manager_id == leaver.pk:
            _assign(successor, actor, manager_id=leaver.manager_id)
        for team in led:
            set_member(team, successor, actor=actor, lead=True)


def _pass_on_program(program: User, leaver: User, successor: User | None, actor: Actor, at: datetime) -> None:
    of_agent = program.account_type == User.AccountType.AGENT  # it acted for them, and acts for nobody else
    if successor is not None and not of_agent:
        _assign(program, actor, owner_id=successor.pk)
        return
    left = (
        gettext("It acted for %(owner)s, who has left.")
        if of_agent
        else gettext("Its owner %(owner)s has left, and nobody took it over.")
    )
    remark = left % {"owner": leaver.username}
    ended = _end_account(program, actor, at)
    duties.hand_over(program, None, actor=actor, at=at)
    changes = {"is_active": [True, False], **ended}
    lifecycle.announce(program, "deactivated", actor=actor, changes=changes, remark=remark)


def _assign(account: User, actor: Actor, **fields: int | None) -> None:
    changes = {name: [getattr(account, name), value] for name, value in fields.items()}
    if all(before == after for before, after in changes.values()):
        return
    for name, value in fields.items():
        setattr(account, name, value)
    account.version += 1
    account.save(update_fields=[*(name.removesuffix("_id") for name in fields), "version"])
    lifecycle.announce(account, "edited", actor=actor, changes=changes)


def _notify_administrators(leaver: User, successor: User | None, left: list[duties.Duty], actor: Actor) -> None:
    """Where something is left that nobody took over, administrators hear of it."""
    if not left:
        return
    keepers = User.objects.administrators()
    lines = [f"{one.what}: {one.reference} {one.name}".strip() + f" - {one.otherwise}" for one in left[:50]]
    notify(
        [*keepers],
        _("%(user)s has left, and %(count)s things wait for somebody") % {"user": leaver.username, "count": len(left)},
        body="\n".join(lines),
        path=leaver.get_absolute_url(),
        record=leaver,
        by=("account.left_things", "owner"),
    )
