"""How this instance runs: its address, its keys, its database role, its wardens."""

from collections.abc import Iterator

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from itsm.audit import append_only
from itsm.configuration.known import EMAIL_HOST, EMAIL_TLS, OUTGOING_ALLOW
from itsm.configuration.models import Setting
from itsm.security.findings import Area, Finding, Gravity, Named

LEAST_KEY = 32  # characters; `make secrets` writes 64
_WIDE_PREFIX = {4: 16, 6: 48}  # of private networks that are let through: a data centre is narrower


def address() -> Iterator[Finding]:
    """Whether people reach it by https, and under which names."""
    if settings.SECURE_ORIGIN:
        yield Finding("https", Area.INSTALLATION, Gravity.GOOD, _("People reach this desk by https"), settings.BASE_URL)
    else:
        yield Finding(
            "https",
            Area.INSTALLATION,
            Gravity.WEAK,
            _("People reach this desk without encryption"),
            _("Whoever sits in the same network reads passwords and sessions. Keys and passkeys need https too."),
            _("Put a proxy that speaks https in front, and set HEADROOM_BASE_URL to its https address."),
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Finding(
            "any-host",
            Area.INSTALLATION,
            Gravity.WEAK,
            _("It answers to any host name"),
            _("A forged Host header could put a stranger's address into links that people follow."),
            _("Name the hosts in HEADROOM_ALLOWED_HOSTS."),
        )


def mode() -> Iterator[Finding]:
    """Debugging, the demo company, and the instance's secret."""
    if settings.DEBUG:
        yield Finding(
            "debug",
            Area.INSTALLATION,
            Gravity.WEAK,
            _("It runs in debug mode"),
            _("Errors show code and settings to whoever causes them."),
            _("Set HEADROOM_DEBUG to off."),
        )
    if settings.DEMO:
        yield Finding(
            "demo",
            Area.INSTALLATION,
            Gravity.WEAK,
            _("The demo company is here, and its passwords are known to everybody"),
            _("Anybody who reaches the sign-in page is an administrator by one click."),
            _("Start with DEMO=off and an empty database before real people come in."),
        )
    if len(settings.SECRET_KEY) < LEAST_KEY or settings.SECRET_KEY.startswith("dev-only"):
        yield Finding(
            "secret-key",
            Area.INSTALLATION,
            Gravity.WEAK,
            _("The instance's secret key is short or known"),
            _("Sessions and links to new passwords are signed with it: who guesses it is anybody."),
            _("Let `make secrets` write one of 64 characters; everybody signs in once more then."),
        )
    else:
        yield Finding(
            "secret-key",
            Area.INSTALLATION,
            Gravity.GOOD,
            _("The instance's secret key is long, and its own"),
            _("Sessions and links are signed with it."),
        )


def database_role() -> Iterator[Finding]:
    """Whether the program could change what only grows, if somebody took it over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name WHERE to_regclass(name) IS NOT NULL"
            " AND has_table_privilege(current_user, name, 'UPDATE, DELETE, TRUNCATE') ORDER BY name",
            [append_only.tables()],
        )
        changeable = [str(name) for (name,) in cursor.fetchall()]
    if changeable:
        yield Finding(
            "database-role",
            Area.INSTALLATION,
            Gravity.WEAK,
            _("The program's database role may change what only grows"),
            _("Triggers still refuse it; the second wall is missing. Who takes the program over is nearer to history."),
            _("Use two roles: see “One database role” in the README, then ./manage.py grant_application_rights."),
            records=tuple(Named(name) for name in changeable[:5]),
            count=len(changeable),
        )
        return
    yield Finding(
        "database-role",
        Area.INSTALLATION,
        Gravity.GOOD,
        _("The program's database role cannot change history"),
        _("Not one append-only table can be updated, emptied or cut by it."),
    )


def wardens() -> Iterator[Finding]:
    """Who would notice that nothing works any more, or that a file is bad."""
    if settings.HEARTBEAT_URL:
        yield Finding(
            "heartbeat",
            Area.INSTALLATION,
            Gravity.GOOD,
            _("A watch outside is told that this desk lives"),
            _("When it hears nothing, it calls."),
        )
    else:
        yield Finding(
            "heartbeat",
            Area.INSTALLATION,
            Gravity.OPEN,
            _("Nobody outside would notice if this desk stopped"),
            _("What is dead sends no alarm of its own death."),
            _("Give HEADROOM_HEARTBEAT_URL the address of a dead man's switch (healthchecks.io, cronitor, your own)."),
        )
    if settings.FILES_SCANNER:
        yield Finding(
            "scanner",
            Area.INSTALLATION,
            Gravity.GOOD,
            _("Files are scanned before anybody opens them"),
            _("A file waits until the scanner has answered."),
        )
    else:
        yield Finding(
            "scanner",
            Area.INSTALLATION,
            Gravity.OPEN,
            _("Files are not scanned"),
            _("What a stranger attaches reaches agents as it is. It does not run here; on their machine it may."),
            _("Name a scanner (clamd) in HEADROOM_FILES_SCANNER."),
        )


def reach() -> Iterator[Finding]:
    """How far this desk reaches into private networks, and how mail leaves."""
    rows = {
        one.name: one for one in Setting.objects.filter(name__in=[OUTGOING_ALLOW.name, "email_host", EMAIL_TLS.name])
    }
    allowed = rows[OUTGOING_ALLOW.name].effective if OUTGOING_ALLOW.name in rows else settings.OUTGOING_ALLOW
    wide = [word for word in allowed if _is_wide(word)]
    path = reverse("administration:settings")
    if wide:
        yield Finding(
            "outgoing-allow",
            Area.CONNECTIONS,
            Gravity.WEAK,
            _("This desk may reach whole private networks"),
            _("Whoever may name an address for a check or a webhook can look around in there."),
            _("Name single servers as host:port instead of networks."),
            path,
            records=tuple(Named(word) for word in wide[:20]),
            count=len(wide),
        )
    else:
        yield Finding(
            "outgoing-allow",
            Area.CONNECTIONS,
            Gravity.GOOD,
            _("Private addresses are reached only where they are named"),
            _("%(count)s are named.") % {"count": len(allowed)},
            path=path,
        )
    host = rows[EMAIL_HOST.name].effective if EMAIL_HOST.name in rows else settings.EMAIL_HOST
    tls = rows[EMAIL_TLS.name].effective if EMAIL_TLS.name in rows else settings.EMAIL_USE_TLS
    if host and not tls and host not in ("localhost", "127.0.0.1", "::1"):
        yield Finding(
            "mail-tls",
            Area.CONNECTIONS,
            Gravity.WEAK,
            _("Mail goes to its server without encryption"),
            _("Links to new passwords can be read on the way, and the server's password with them."),
            _("Switch on “Speak TLS to the mail server”."),
            path,
        )


def _is_wide(word: str) -> bool:
    network, slash, prefix = word.rpartition("/")
    return bool(slash) and prefix.isdecimal() and int(prefix) < _WIDE_PREFIX[6 if ":" in network else 4]


CHECKS = (address, mode, database_role, wardens, reach)
