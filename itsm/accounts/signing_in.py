"""The one way every door makes a session: the password page, a set-up link, a provider, break-glass.

A door has found out who somebody is and calls `complete_sign_in`. Guards (`register_second_step`) may want a second
step first: then the session only knows who is half signed in, which opens nothing, and whoever leads through that step
ends it with `sign_in_finished`. Each change of who somebody is gives the session another key and empties it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from itsm.accounts.models import User
from itsm.accounts.operations.known_places import note_place
from itsm.accounts.sessions import ADDRESS_CLASS, BY, DEVICE, STRONG
from itsm.accounts.step_up import remember_proof
from itsm.accounts.tokens import address_class
from itsm.kernel.errors import NotPermitted
from itsm.security_log import sign_in_log

BACKEND = "itsm.accounts.backends.PeopleOnly"
PASSWORD, LINK, BREAK_GLASS = "password", "link", "break-glass"
HALF_FOR = timedelta(minutes=10)
_HALF = "half_signed_in"

# (user, by, strong): the address of the step that is due, or None.
Guard = Callable[[User, str, bool], str | None]
# (user, by): by what name this door is known for this account.
Renaming = Callable[[User, str], str]
# (request, user, by): what else follows a sign-in, in its transaction.
Follower = Callable[[HttpRequest, User, str], None]

# (user, by): raises where this door lets nobody in any more.
Check = Callable[[User, str], None]

_checks: list[Check] = []
_guards: list[Guard] = []
_renamings: list[Renaming] = []
_followers: list[Follower] = []


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody who has shown one thing and owes another; `by` and `strong` as of `complete_sign_in`."""

    user: User
    by: str
    strong: bool
    next_url: str
    proves: bool


def provider(slug: str) -> str:
    """How `by` names an identity provider."""
    return f"provider:{slug}"


def register_second_step(guard: Guard) -> None:
    """Asked at each sign-in, in the order of registration; the first address given is where it goes on."""
    _guards.append(guard)


def register_renaming(renaming: Renaming) -> None:
    """Says that a door is another one for some account: the password of a break-glass account is `break-glass`."""
    _renamings.append(renaming)


def register_check(check: Check) -> None:
    """Asked in the transaction that makes the session: it raises where the door was closed since somebody came to it,
    be it before a second step, and holds it open else until the session is there to be found."""
    _checks.append(check)


def register_follower(follower: Follower) -> None:
    """Called once somebody is signed in, whichever door and steps led there, in the same transaction."""
    _followers.append(follower)


def complete_sign_in(
    request: HttpRequest, user: User, *, by: str, strong: bool = False, next_url: str = "", proves: bool = True
) -> HttpResponse:
    """The door `by` knows that this is `user`: sign them in, or lead them on to the second step.

    `by`: "password", "link", "break-glass" or "provider:<slug>". `strong`: the door itself has seen several factors.
    `next_url`: where they wanted to go; anything but an address of this desk is passed over. `proves`: whether this
    counts as step-up; False where a provider let them in without asking them anything.

    Raises NotPermitted for a program, and for whoever is no longer active.
    """
    if not user.is_active or not user.is_human:
        raise NotPermitted(gettext("This account cannot sign in here. Ask an administrator."))
    for renaming in _renamings:
        by = renaming(user, by)
    target = safe_target(request, next_url)
    for guard in _guards:
        due = guard(user, by, strong)
        if due is not None:
            _half_sign_in(request, Half(user, by, strong, target, proves))
            return redirect(due)
    _sign_in(request, user, by=by, strong=strong, proves=proves)
    return redirect(target)


def half_signed_in(request: HttpRequest) -> Half | None:
    """Who has to take a second step in this session; None where nobody, too late, or where their ways in have changed
    since (password, deactivation)."""
    kept = request.session.get(_HALF)
    if not isinstance(kept, dict) or kept["until"] < timezone.now().timestamp():
        return None
    user = User.objects.active_people().filter(pk=kept["user"]).first()
    if user is None or not constant_time_compare(kept["hash"], user.get_session_auth_hash()):
        return None
    return Half(user, kept["by"], kept["strong"], kept["next"], kept["proves"])


def sign_in_finished(request: HttpRequest, *, strong: bool = True) -> HttpResponse:
    """The second step is done: whoever is half signed in is signed in, and goes where they wanted to.

    `strong`: whether that step showed another factor. Raises NotPermitted where nobody is half signed in any more.
    """
    half = half_signed_in(request)
    if half is None:
        raise NotPermitted(gettext("That took longer than ten minutes. Sign in again."))
    _sign_in(request, half.user, by=half.by, strong=half.strong or strong, proves=half.proves or strong)
    return redirect(half.next_url)


def sign_in_anew(request: HttpRequest, user: User) -> None:
    """All sessions of a signed-in person have ended, by themselves: this browser goes on with a new one."""
    by, strong = str(request.session.get(BY, PASSWORD)), bool(request.session.get(STRONG))
    _open(request, user, by, strong)
    remember_proof(request)


def _half_sign_in(request: HttpRequest, half: Half) -> None:
    request.session.flush()
    request.session[_HALF] = {
        "user": half.user.pk,
        "hash": half.user.get_session_auth_hash(),
        "by": half.by,
        "strong": half.strong,
        "next": half.next_url,
        "proves": half.proves,
        "until": (timezone.now() + HALF_FOR).timestamp(),
    }


def _sign_in(request: HttpRequest, user: User, *, by: str, strong: bool, proves: bool) -> None:
    with transaction.atomic():
        for check in _checks:
            check(user, by)
        _open(request, user, by, strong)
        if proves:
            remember_proof(request)
        note_place(
            user, user_agent=request.session[DEVICE], address_class=request.session[ADDRESS_CLASS], by=by,
            at=timezone.now(),
        )  # fmt: skip
        for follower in _followers:
            follower(request, user, by)
    sign_in_log(user.pk, by, strong, request.session[ADDRESS_CLASS])


def _open(request: HttpRequest, user: User, by: str, strong: bool) -> None:
    """Nothing of an earlier session is taken over, so that nobody hands one on that they know."""
    request.session.flush()
    login(request, user, backend=BACKEND)
    request.session[DEVICE] = request.headers.get("User-Agent", "")[:200]
    request.session[ADDRESS_CLASS] = address_class(str(request.META.get("REMOTE_ADDR", "")))
    request.session[BY], request.session[STRONG] = by, strong


def safe_target(request: HttpRequest, next_url: str) -> str:
    """Where to go once somebody is signed in: an address of this desk, else its start."""
    known = url_has_allowed_host_and_scheme(
        next_url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return next_url if known else resolve_url(settings.LOGIN_REDIRECT_URL)
