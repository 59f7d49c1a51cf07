"""An administrator signs in for a mailbox in the browser: authorization code with PKCE (RFC 6749, RFC 7636).

What was begun is kept in the session of who began it, for ten minutes and once; the code that comes back is worth
nothing without it. Coming back keeps nothing either: the button on that page does.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, NotPermitted
from itsm.mail import alarms, fetching, oauth
from itsm.mail.boxes import permissions
from itsm.mail.models import Mailbox
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused
from itsm.notifications.web_addresses import our_address
from itsm.openid import code_flow

LIFETIME = 600.0  # seconds
MOST = 4096  # characters of a code
_KEPT = "mailbox_sign_in"


def may_begin(mailbox: Mailbox) -> bool:
    """Whether it says where one signs in."""
    return bool(mailbox.auth == Mailbox.Auth.XOAUTH2 and mailbox.authorize_url and mailbox.host)


def redirect_uri() -> str:
    """What is registered with the issuer: where the browser comes back to."""
    return our_address(reverse("mailboxes:signed_in"))


def begin(mailbox: Mailbox, session: Any, *, actor: Actor, at: datetime) -> str:
    """The address at which to sign in. Raises NotPermitted, Conflict (it says none, or no token could be kept)."""
    _require_keeper(actor)
    if not may_begin(mailbox):
        raise Conflict(gettext("It does not sign in by OAuth 2, or says no address at which one signs in."))
    try:
        oauth.require_folder()
    except OutgoingRefused as error:
        raise Conflict(str(error)) from error
    begun = code_flow.Begun()
    session[_KEPT] = {
        "state": begun.state, "verifier": begun.verifier, "mailbox": mailbox.pk, "version": mailbox.version,
        "at": at.timestamp(),
    }  # fmt: skip
    return code_flow.address(
        mailbox.authorize_url, begun, client_id=mailbox.client_id, redirect_uri=redirect_uri(), scope=mailbox.scope,
        login_hint=mailbox.login, access_type="offline", prompt="consent",  # else Google gives no refresh token
    )  # fmt: skip


def came_back(session: Any, state: str, *, at: datetime) -> Mailbox:
    """The mailbox for which this session began to sign in. Raises Conflict: it did not, too long ago, or it changed."""
    kept = session.get(_KEPT) or {}
    is_ours = bool(state) and constant_time_compare(str(kept.get("state", "")), state)
    if not is_ours or at.timestamp() - float(kept["at"]) > LIFETIME:
        raise Conflict(gettext("No such sign-in is under way here: it is good once and for ten minutes. Begin again."))
    found = Mailbox.objects.filter(pk=kept["mailbox"], version=kept["version"]).first()
    if found is None:
        raise Conflict(gettext("The mailbox has been changed meanwhile. Begin again."))
    return found


def finish(session: Any, *, state: str, code: str, actor: Actor, at: datetime) -> Mailbox:
    """Keep the refresh token that this code gives, and read the mailbox with it. Raises NotPermitted, Conflict (see
    `came_back`, and what the issuer said)."""
    _require_keeper(actor)
    mailbox = came_back(session, state, at=at)
    verifier = session.pop(_KEPT)["verifier"]
    try:
        oauth.keep_sign_in(mailbox, code=code[:MOST], verifier=verifier, redirect_uri=redirect_uri(), at=at)
    except (oauth.TokenRefused, OutgoingRefused, OutgoingFailed) as error:
        raise Conflict(gettext("The sign-in was not kept: %(why)s") % {"why": error}) from error
    with transaction.atomic():
        current = lifecycle.locked(mailbox)
        alarms.all_is_well(current)
        Mailbox.objects.filter(pk=current.pk).update(failing_since=None, last_error="")
        if current.is_fetched:
            fetching.begin(current, at)
        lifecycle.announce(current, "signed_in", actor=actor)
    return mailbox


def _require_keeper(actor: Actor) -> None:
    if not permissions.keepers(actor) or not actor.is_human:
        raise NotPermitted(
            gettext("%(name)s may not sign in for mailboxes; administrators may.") % {"name": actor.name}
        )
