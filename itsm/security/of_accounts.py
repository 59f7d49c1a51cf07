"""Who comes in, and with how much: administrators, sleeping accounts, invitations, tokens."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.models import Role, Token, User
from itsm.security.findings import MOST_SHOWN, Area, Finding, Gravity, Named, listed

MOST_ADMINISTRATORS = 5
SLEEPS_AFTER = timedelta(days=180)
ADMINISTRATOR_SLEEPS_AFTER = timedelta(days=90)
UNUSED_AFTER = timedelta(days=90)
LONG_LIVED = timedelta(days=366)
INVITED_LONG_AGO = timedelta(days=7)


def administrators() -> Iterator[Finding]:
    """Neither one alone, whose deeds nobody confirms, nor many."""
    rows = list(User.objects.administrators().order_by("username")[: MOST_SHOWN + 1])
    path = f"{reverse('accounts:people')}?role=admin"
    if len(rows) < 2:
        yield Finding(
            "one-administrator",
            Area.PEOPLE,
            Gravity.OPEN,
            _("There is one administrator"),
            _("Nobody confirms what opens this desk wider, and nobody lets them in again who lock themselves out."),
            _("Make a second person an administrator."),
            path,
            **listed(rows),
        )
    elif len(rows) > MOST_ADMINISTRATORS:
        yield Finding(
            "many-administrators",
            Area.PEOPLE,
            Gravity.WEAK,
            _("More than %(most)s people may do everything") % {"most": MOST_ADMINISTRATORS},
            _("Each of their accounts, taken over, is the whole desk."),
            _("Give who only keeps a part a role that may do just that."),
            path,
            **listed(rows, User.objects.administrators().count()),
        )
    else:
        yield Finding(
            "administrators",
            Area.PEOPLE,
            Gravity.GOOD,
            _("Few people may do everything, and more than one"),
            _("Two confirm what opens this desk wider."),
            path=path,
            **listed(rows),
        )


def sleeping() -> Iterator[Finding]:
    """Accounts that nobody used for long are taken over unnoticed."""
    now = timezone.now()
    mighty = Q(roles__contains=[Role.ADMIN]) & _unused_since(now - ADMINISTRATOR_SLEEPS_AFTER)
    rows = User.objects.active_people().filter(mighty | _unused_since(now - SLEEPS_AFTER))
    count = rows.count()
    if not count:
        yield Finding(
            "sleeping-accounts",
            Area.PEOPLE,
            Gravity.GOOD,
            _("No account sleeps"),
            _("Everybody who may sign in did within half a year, administrators within 90 days."),
        )
        return
    first = list(rows.order_by("last_login", "pk")[:MOST_SHOWN])
    yield Finding(
        "sleeping-accounts",
        Area.PEOPLE,
        Gravity.WEAK if any(Role.ADMIN in one.roles for one in first) else Gravity.OPEN,
        _("Accounts sleep"),
        _("Nobody signed in with them for half a year (administrators: 90 days); nobody would notice who does now."),
        _("Ask them, and deactivate who has left."),
        reverse("accounts:people"),
        **listed(first, count),
    )


def _unused_since(instant: datetime) -> Q:
    return Q(last_login__lt=instant) | Q(last_login=None, created_at__lt=instant)


def invitations() -> Iterator[Finding]:
    """Invited, and never came."""
    rows = User.objects.active_people().filter(invited_at__lt=timezone.now() - INVITED_LONG_AGO, last_login=None)
    if count := rows.count():
        yield Finding(
            "old-invitations",
            Area.WAYS_IN,
            Gravity.OPEN,
            _("Invited people never came"),
            _("The links have expired; the accounts, with their roles, wait for whoever reads that mail."),
            _("Invite them once more, or deactivate the accounts."),
            reverse("accounts:people"),
            **listed(list(rows.order_by("invited_at", "pk")[:MOST_SHOWN]), count),
        )


def tokens() -> Iterator[Finding]:
    """Each expires; what is left is how much they may, and whether anybody still needs them."""
    now = timezone.now()
    live = Token.objects.filter(revoked_at=None, expires_at__gt=now, owner__is_active=True).select_related("owner")
    yield from _about(
        live.filter(scopes=None),
        "tokens-without-scopes",
        Gravity.WEAK,
        _("Tokens carry all rights of their owners"),
        _("Who finds one may do whatever its owner may, not only what its program needs."),
        _("Issue one with the scopes that its program needs, and revoke this one."),
    )
    yield from _about(
        live.filter(expires_at__gt=now + LONG_LIVED),
        "long-lived-tokens",
        Gravity.WEAK,
        _("Tokens live for more than a year"),
        _("A token that leaked long ago still opens the door."),
        _("Issue shorter ones; pipelines need none at all (OIDC)."),
    )
    unused = now - UNUSED_AFTER
    yield from _about(
        live.filter(Q(last_used_at__lt=unused) | Q(last_used_at=None, created_at__lt=unused)),
        "unused-tokens",
        Gravity.OPEN,
        _("Tokens that nobody uses are still good"),
        _("They were not used for 90 days; they help nobody but a thief."),
        _("Revoke them."),
    )
    yield Finding(
        "tokens-expire",
        Area.WAYS_IN,
        Gravity.GOOD,
        _("Every token expires, and only a hash of it is kept"),
        _("%(count)s are good now.") % {"count": live.count()},
    )


def _about(rows: QuerySet[Token], key: str, gravity: Gravity, title: str, why: str, remedy: str) -> Iterator[Finding]:
    count = rows.count()
    if not count:
        return
    shown = tuple(
        Named(f"{one.name} · {one.owner.username}", one.owner.get_absolute_url())
        for one in rows.order_by("pk")[:MOST_SHOWN]
    )
    yield Finding(key, Area.WAYS_IN, gravity, title, why, remedy, records=shown, count=count)


CHECKS = (administrators, sleeping, invitations, tokens)
