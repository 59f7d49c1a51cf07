"""Every write to mailboxes, and letting mail go to an address again."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team
from itsm.accounts.operations import require_standing
from itsm.clocks import due
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from itsm.mail import alarms, fetching
from itsm.mail.boxes import permissions
from itsm.mail.models import Mailbox, UndeliverableAddress
from itsm.mail.names import plain
from itsm.notifications.hosts import ascii_host
from itsm.notifications.web_addresses import is_web_address

MOST_ALIASES = 50
# Where it is read: elsewhere other mails lie, and what was read here says nothing of them.
_PLACE = ("host", "username", "folder", "address")
_TEXTS = ("host", "username", "folder", "credential", "authority", "token_url", "authorize_url", "client_id", "scope",
          "from_name")  # fmt: skip


@transaction.atomic
def create_mailbox(*, actor: Actor, slug: str, address: str, team: Team, at: datetime, **fields: Any) -> Mailbox:
    """A new mailbox of a team; connected, it is read from now on. What lies there already stays there.

    Raises NotPermitted, InvalidInput, and Conflict (slug or address are taken, the team is retired).
    """
    _require_keeper(actor)
    made = Mailbox(slug=slug, address=plain(address), team=team)
    _fill(made, fields)
    _check(made)
    if made.is_default:
        _no_other_default(made, actor)
    made.connected_at = at if made.host else None
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(gettext("There is already a mailbox called %(slug)s.") % {"slug": slug}) from error
    _promise(made, at)
    return lifecycle.created(made, actor=actor, changes={"address": [None, made.address]})


def edit_mailbox(mailbox: Mailbox, *, actor: Actor, version: int | None, **fields: Any) -> Mailbox:
    """Change whatever a mailbox has but its slug. Read elsewhere, it is read from now on.

    Raises NotPermitted, InvalidInput, Conflict, StaleVersion, VersionRequired.
    """
    _require_keeper(actor)
    now = timezone.now()
    with lifecycle.edit(mailbox, actor=actor, version=version) as current:
        before = {name: getattr(current, name) for name in _PLACE}
        _fill(current, fields)
        _check(current)
        if current.is_default:
            _no_other_default(current, actor)
        if any(before[name] != getattr(current, name) for name in _PLACE):
            current.uidvalidity, current.last_uid, current.read_at = None, 0, None
            current.connected_at = now if current.host else None
            current.warned, current.failing_since, current.last_error = [], None, ""
        _promise(current, now)
    return current


def pause_mailbox(mailbox: Mailbox, *, actor: Actor, version: int | None = None) -> Mailbox:
    """Read it no more until somebody resumes; its mail stays where it is. Raises NotPermitted, WrongState,
    StaleVersion."""
    return _turn(mailbox, actor, version, is_paused=True)


def resume_mailbox(mailbox: Mailbox, *, actor: Actor, version: int | None = None) -> Mailbox:
    """Read it again, from where it was left. Raises NotPermitted, WrongState, StaleVersion."""
    return _turn(mailbox, actor, version, is_paused=False)


def lift(
    address: UndeliverableAddress, *, actor: Actor, at: datetime, version: int | None = None
) -> UndeliverableAddress:
    """Send there again; what bounced before counts no more. Raises NotPermitted, WrongState, StaleVersion."""
    if not permissions.lifters(actor):
        raise NotPermitted(gettext("%(name)s may not let mail go there again.") % {"name": actor.name})
    with lifecycle.edit(address, actor=actor, version=version, version_required=False, event="cleared") as current:
        if current.lifted_at is not None:
            raise WrongState(gettext("Mail is sent there already."), state="cleared")
        current.lifted_at, current.lifted_by_id = at, actor.account_id
    return current


def lying_with(team: Team) -> list[Duty]:
    """The mailboxes of a team."""
    words = gettext("it goes to the team that takes over")
    found = Mailbox.objects.filter(team=team)
    return [Duty(gettext("mailbox"), one.slug, one.address, one.get_absolute_url(), words) for one in found]


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """The mailboxes of a team that is merged are the other one's. How many. Raises nothing."""
    found = Mailbox.objects.filter(team=old).order_by("pk")
    for box in found:
        with lifecycle.edit(box, actor=actor, version=None, version_required=False) as current:
            current.team = new
    return len(found)


def _turn(mailbox: Mailbox, actor: Actor, version: int | None, *, is_paused: bool) -> Mailbox:
    _require_keeper(actor)
    event, now = "paused" if is_paused else "resumed", timezone.now()
    with lifecycle.edit(mailbox, actor=actor, version=version, version_required=False, event=event) as current:
        if (current.paused_at is not None) == is_paused:
            raise WrongState(gettext("It is so already."), state=str(current.status))
        current.paused_at = now if is_paused else None
        current.warned = [one for one in current.warned if one.isdecimal()]
        if not is_paused and current.uidvalidity is not None:  # unread since it is read again; its place is known
            current.read_at, current.connected_at = None, now
        _promise(current, now)
    return current


def _promise(mailbox: Mailbox, at: datetime) -> None:
    """What is due of it from now on, in the caller's transaction."""
    if mailbox.is_fetched:
        fetching.begin(mailbox, at)
    else:
        fetching.end(mailbox)
    if mailbox.host:
        due.schedule(alarms.KEEPING, Mailbox.kind, mailbox.pk, at)
    else:
        due.cancel(Mailbox.kind, mailbox.pk, alarms.KEEPING)


def _fill(mailbox: Mailbox, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(mailbox, name, value.strip() if name in _TEXTS else value)
    mailbox.address = plain(mailbox.address)
    mailbox.aliases = list(dict.fromkeys(plain(one) for one in mailbox.aliases if plain(one) != mailbox.address))
    mailbox.folder = mailbox.folder or "INBOX"


def _check(mailbox: Mailbox) -> None:
    require_standing(mailbox.team)
    wrong: dict[str, list[str]] = {}
    if not _is_plain_address(mailbox.address):
        wrong["address"] = [gettext("an address such as support@example.org, without a “+”")]
    if not all(_is_plain_address(one) for one in mailbox.aliases) or len(mailbox.aliases) > MOST_ALIASES:
        wrong["aliases"] = [gettext("at most 50 addresses, without a “+”")]
    if mailbox.language not in dict(settings.LANGUAGES):
        wrong["language"] = [gettext("one of: %(words)s") % {"words": ", ".join(dict(settings.LANGUAGES))}]
    if mailbox.host:
        wrong |= _faults_of_connection(mailbox)
    if wrong:
        raise InvalidInput(gettext("The mailbox cannot be used like this."), wrong)
    _require_free(mailbox)


def _faults_of_connection(mailbox: Mailbox) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    if mailbox.security not in Mailbox.Security.values:
        wrong["security"] = [gettext("one of: %(words)s") % {"words": ", ".join(Mailbox.Security.values)}]
    if not _is_host(mailbox.host):
        wrong["host"] = [gettext("the name of a host, without a port")]
    if not mailbox.credential:
        wrong["credential"] = [gettext("the name of a secret: the server asks for a sign-in")]
    if mailbox.auth == Mailbox.Auth.XOAUTH2:
        if not _is_https(mailbox.token_url):
            wrong["token_url"] = [gettext("the https address that gives tokens")]
        if mailbox.authorize_url and not _is_https(mailbox.authorize_url):
            wrong["authorize_url"] = [gettext("the https address at which one signs in")]
        if not mailbox.client_id:
            wrong["client_id"] = [gettext("the id under which this desk is registered there")]
    elif ":" in mailbox.login:
        wrong["username"] = [gettext("a user name without a colon")]
    return wrong


def _require_free(mailbox: Mailbox) -> None:
    """An address belongs to one mailbox. All of them are held, so that no other takes it meanwhile."""
    others = Mailbox.objects.select_for_update(no_key=True).order_by("pk").exclude(pk=mailbox.pk)
    taken = {address for box in others for address in box.addresses} & set(mailbox.addresses)
    if taken:
        raise Conflict(gettext("%(address)s belongs to another mailbox.") % {"address": min(taken)})


def _no_other_default(mailbox: Mailbox, actor: Actor) -> None:
    for other in Mailbox.objects.filter(is_default=True).exclude(pk=mailbox.pk):
        with lifecycle.edit(other, actor=actor, version=None, version_required=False) as current:
            current.is_default = False


def _is_plain_address(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return address.isascii() and "+" not in address and '"' not in address


def _is_https(url: str) -> bool:
    return is_web_address(url) and url.startswith("https://")


def _is_host(host: str) -> bool:
    try:
        return bool(ascii_host(host)) and not any(one in host for one in " /:@\n\r\t\x00")
    except ValueError:
        return False


def _require_keeper(actor: Actor) -> None:
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("%(name)s may not keep mailboxes; administrators may.") % {"name": actor.name})
