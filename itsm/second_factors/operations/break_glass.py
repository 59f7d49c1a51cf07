"""The sealed administrator: made and renewed by the operator's command, heard of by everybody who keeps the desk."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Role, Session, User
from itsm.accounts.operations import triage_id
from itsm.accounts.operations.departing import deactivate
from itsm.accounts.operations.people import add_user
from itsm.accounts.signing_in import BREAK_GLASS
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, WrongState
from itsm.kernel.texts import is_blank
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.paging.models import EscalationPolicy
from itsm.paging.operations import escalating
from itsm.paging.operations.calling import page_people
from itsm.paging.vocabulary import Urgency
from itsm.second_factors import permissions
from itsm.second_factors.models import BreakGlass, BreakGlassUse
from itsm.second_factors.queries import untested_break_glass

DRILL_FOR = timedelta(hours=1)
_WORDS = 8
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
PATH = "/settings/factors/break-glass/"


def new_password() -> str:
    """Eight groups of five signs, nearly 200 random bits: to be written down and sealed, not to be remembered."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(_WORDS))


@transaction.atomic
def seal(login: str, *, actor: Actor, at: datetime) -> tuple[BreakGlass, str]:
    """Make the account; its password is shown once. Raises NotPermitted (not the operator), Conflict (the name)."""
    _operator_only(actor)
    if User.objects.filter(username__iexact=login).exists():
        raise Conflict(gettext("There is an account called %(login)s already.") % {"login": login})
    password = new_password()
    user = add_user(
        actor=actor, username=login, roles=[Role.ADMIN.value], name=gettext("Break-glass"), password=password
    )
    made = BreakGlass.objects.create(user=user, sealed_at=at)
    lifecycle.created(made, actor=actor, changes={"user": [None, user.username]}, at=at)
    _tell_administrators(_("A break-glass administrator was made: %(login)s") % {"login": login}, made)
    return made, password


@transaction.atomic
def rotate(login: str, *, actor: Actor, at: datetime) -> str:
    """Another password; the one before opens nothing, and its sessions end. Raises NotPermitted, NotFound."""
    _operator_only(actor)
    account = called(login)
    password = new_password()
    user = User.objects.select_for_update(no_key=True).get(pk=account.user_id)
    user.set_password(password)
    user.access_version += 1
    user.save(update_fields=["password", "access_version"])
    Session.objects.filter(user=user).delete()
    BreakGlass.objects.filter(pk=account.pk).update(sealed_at=at, tested_at=None)
    lifecycle.announce(account, "rotated", actor=actor, at=at)
    _tell_administrators(
        _("The password of the break-glass administrator %(login)s was renewed") % {"login": login}, account
    )
    return password


@transaction.atomic
def end(login: str, *, actor: Actor, at: datetime) -> User:
    """It is needed no more: the account is closed, and everybody who keeps the desk hears of it. No administrator can
    do that from inside. Raises NotPermitted (not the operator), NotFound, Conflict (closed already, the last one)."""
    _operator_only(actor)
    account = called(login)
    ended = deactivate(account.user, actor=actor)
    lifecycle.announce(account, "ended", actor=actor, at=at)
    _tell_administrators(_("The break-glass administrator %(login)s was closed") % {"login": login}, account)
    return ended


@transaction.atomic
def begin_drill(login: str, *, actor: Actor, at: datetime) -> BreakGlass:
    """The next sign-in within an hour is a drill, and everybody is told so. Raises NotPermitted, NotFound."""
    _operator_only(actor)
    account = called(login)
    BreakGlass.objects.filter(pk=account.pk).update(drill_until=at + DRILL_FOR)
    lifecycle.announce(account, "drill_begun", actor=actor, at=at)
    return account


def called(login: str) -> BreakGlass:
    """The one of this login. Raises NotFound."""
    found = BreakGlass.objects.select_related("user").filter(user__username__iexact=login).first()
    if found is None:
        raise NotFound(gettext("There is no break-glass administrator called %(login)s.") % {"login": login})
    return found


def alarm(request: HttpRequest, user: User, by: str) -> None:
    """Follows every sign-in: of a sealed administrator everybody hears, before it can do anything."""
    if by != BREAK_GLASS:
        return
    at = timezone.now()
    account = BreakGlass.objects.select_for_update(no_key=True).get(user=user)
    drill = account.drill_until is not None and account.drill_until > at
    place = f"{request.session.get('device', '')[:70]}, {request.session.get('address_class', '')}"
    use = BreakGlassUse.objects.create(account=account, at=at, place=place, drill=drill)
    BreakGlass.objects.filter(pk=account.pk).update(tested_at=at, drill_until=None)
    lifecycle.created(
        use, actor=actor_for(user, Door.WEB), changes={"account": [None, user.username], "drill": [None, drill]}
    )
    subject = (
        _("Break-glass was used: %(login)s signed in")
        if not drill
        else _("A drill of break-glass: %(login)s signed in")
    )
    _tell_administrators(subject % {"login": user.username}, use, body=use.place, event="break_glass.used")
    _page(use, user, str(subject % {"login": user.username}), at)


def _page(use: BreakGlassUse, user: User, title: str, at: datetime) -> None:
    """By the desk's escalation policy, where there is one; the administrators themselves in any case."""
    said: dict[str, Any] = {
        "subject_kind": use.kind,
        "subject_id": use.pk,
        "title": title,
        "path": PATH,
        "team_id": triage_id(),
        "at": at,
    }
    people = list(User.objects.administrators().exclude(pk=user.pk).values_list("pk", flat=True))
    urgency = Urgency.LOW if use.drill else Urgency.HIGH
    page_people(people, urgency=urgency, why=gettext("Break-glass was used"), **said)
    live = EscalationPolicy.objects.filter(live_at__isnull=False, retired_at=None)
    policy = live.filter(team_id=triage_id()).order_by("pk").first() or live.filter(is_last_resort=True).first()
    if policy is not None and not use.drill:
        escalating.begin(policy=policy, urgency=urgency, actor=Actor.system("break-glass"), **said)


@transaction.atomic
def acknowledge(use: BreakGlassUse, *, actor: Actor, reason: str, at: datetime) -> BreakGlassUse:
    """Another administrator says what it was for: the banner goes. Raises NotPermitted (who used it, no person),
    InvalidInput (no reason), WrongState (it was already)."""
    if not permissions.keepers(actor) or actor.is_system:
        raise NotPermitted(gettext("An administrator, a person, acknowledges what break-glass was used for."))
    current: BreakGlassUse = BreakGlassUse.objects.select_for_update(no_key=True).get(pk=use.pk)
    if BreakGlass.objects.filter(user_id=actor.id or 0).exists():
        raise NotPermitted(
            gettext("Four eyes: another administrator, from an account of their own, says what it was for.")
        )
    if current.acknowledged_at is not None:
        raise WrongState(gettext("It was acknowledged already."))
    if is_blank(reason) or len(reason.strip()) > 500:
        raise InvalidInput.about("reason", gettext("Say in 1 to 500 characters what it was for."))
    current.acknowledged_at, current.acknowledged_by_id, current.reason = at, actor.account_id, reason.strip()
    current.version += 1
    current.save()
    lifecycle.announce(current, "acknowledged", actor=actor, remark=current.reason, at=at)
    return current


def report_untested(at: datetime) -> int:
    """Administrators hear, once a month, of what nobody tried for ninety days. Returns how many accounts."""
    stale = untested_break_glass(at)
    for account in stale:
        subject = _("Nobody has tried the break-glass administrator %(login)s for ninety days")
        body = _("Try it before you need it: ./manage.py break_glass drill %(login)s")
        words = {"login": account.user.username}
        _tell_administrators(subject % words, account, body=body % words, event="break_glass.untested")
    return len(stale)


def _tell_administrators(subject: Any, record: Any, *, body: Any = "", event: str = "break_glass.changed") -> None:
    people = User.objects.administrators().exclude(pk__in=BreakGlass.objects.values("user"))
    notify(people, subject, body=body, path=PATH, record=record, by=(event, "owner"))


def _operator_only(actor: Actor) -> None:
    if not actor.is_system:
        raise NotPermitted(gettext("Only who operates the server seals and renews it, by ./manage.py break_glass."))


def banner(request: HttpRequest) -> str:
    """What stands on every page of an administrator until a use is acknowledged; "" else."""
    if Role.ADMIN.value not in getattr(request.user, "roles", ()):
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_USE)
        row = cursor.fetchone()
    if row is None:
        return ""
    return render_to_string("second_factors/banner.html", {"login": row[0], "drill": row[1], "at": row[2]})


_OPEN_USE = """
SELECT u.username, b.drill, b.at FROM second_factors_breakglassuse b
JOIN second_factors_breakglass g ON g.id = b.account_id JOIN accounts_user u ON u.id = g.user_id
WHERE b.acknowledged_at IS NULL ORDER BY b.drill, b.id DESC LIMIT 1
"""
