"""The end of a session: ours where the provider's has ended, and the provider's where people want that too."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itsm.accounts import signing_in
from itsm.accounts.models import Session, User
from itsm.identity.models import ExternalIdentity, IdentityProvider
from itsm.identity.operations.provisioning import acting_for
from itsm.identity.vocabulary import Protocol
from itsm.kernel.errors import Unavailable
from itsm.lifecycle import announce
from itsm.notifications.web_addresses import our_address
from itsm.openid.code_flow import with_words
from itsm.single_sign_on import addresses, once
from itsm.single_sign_on.errors import refused
from itsm.single_sign_on.models import ProviderSession
from itsm.single_sign_on.oidc import configuration, tokens
from itsm.single_sign_on.oidc.metadata import metadata
from itsm.single_sign_on.saml import configuration as saml
from itsm.single_sign_on.saml import logout

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_FRESH = timedelta(minutes=5)


def told(provider: IdentityProvider, text: str, *, at: datetime) -> int:
    """A logout token (OpenID Connect Back-Channel Logout 1.0): whom it names is signed out. How many sessions ended.

    Raises AnswerRefused, Unavailable (the provider's keys cannot be read).
    """
    made = tokens.verified(provider, text, nonce=None, at=at, needed=("jti",))
    events, sub, sid = made.get("events"), made.get("sub"), made.get("sid")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict) or "nonce" in made:
        raise refused(provider, _("This is no logout token (events, nonce)."))
    if not (isinstance(sub, str) or isinstance(sid, str)):
        raise refused(provider, _("It says neither who nor which session (sub, sid)."))
    if abs(at - datetime.fromtimestamp(int(made["iat"]), UTC)) > _FRESH:
        raise refused(provider, _("It was made too long ago (iat)."))
    until = datetime.fromtimestamp(int(made["exp"]), UTC) + 2 * _FRESH
    if not once.use_up(provider, f"logout {made['jti']}", until=until):
        raise refused(provider, _("It was used before (jti)."))
    people = _named(provider, sub if isinstance(sub, str) else None, sid if isinstance(sid, str) else None)
    return sum(_end(provider, one) for one in people)


def asked(provider: IdentityProvider, raw: str, *, at: datetime) -> str:
    """A LogoutRequest that the browser brings (SAML 2.0 Single Logout, HTTP-Redirect): whom it names is signed out.
    `raw`: the query as it came.

    Returns the address at which the provider is told. Raises AnswerRefused, Unavailable.
    """
    home, acs, here = (addresses.of(provider, name) for name in ("metadata", "acs", "logout"))
    made = logout.verified(provider, raw, home, acs, here, at=at)
    if not once.use_up(provider, f"logout {made.id}", until=at + 4 * logout.FRESH):
        raise refused(provider, _("It was used before (ID)."))
    name_id = None if saml.of(provider)["subject_attribute"] else made.name_id  # then it is nobody's name here
    if name_id is None and not made.sessions:
        raise refused(provider, _("It does not say which session (SessionIndex)."))
    # Sessions may be counted for each of their people anew: of two with the same number it is who is named.
    people = {user for sid in made.sessions or [None] for user in _named(provider, name_id, sid)}
    for one in people:
        _end(provider, one)
    return made.answer


def _named(provider: IdentityProvider, sub: str | None, sid: str | None) -> list[User]:
    rows = User.objects.all()
    if sub is not None:
        rows = rows.filter(pk__in=ExternalIdentity.objects.filter(provider=provider, subject=sub).values("user"))
    if sid is not None:
        known = ProviderSession.objects.filter(provider=provider, sid_hash=once.hashed(sid))
        rows = rows.filter(pk__in=known.values("user"))
    return list(rows)


@transaction.atomic
def _end(provider: IdentityProvider, user: User) -> int:
    """What they began by this provider ends; a session that they began by their password goes on."""
    ended, _by_model = Session.objects.filter(user=user, by=signing_in.provider(provider.slug)).delete()
    ProviderSession.objects.filter(provider=provider, user=user).delete()
    if ended:
        announce(user, "sessions_ended", actor=acting_for(provider), changes={"sessions": [ended, 0]})
    return ended


def address_there(provider: IdentityProvider, *, at: datetime) -> str:
    """Where one signs out there as well (RP-Initiated Logout 1.0); "" where it does not say, or cannot be asked."""
    if provider.protocol != Protocol.OIDC:
        return ""
    try:
        there: Any = metadata(provider, at=at).get("end_session_endpoint")
    except Unavailable:
        return ""
    if not isinstance(there, str):
        return ""
    words = {"client_id": configuration.of(provider)["client_id"], "post_logout_redirect_uri": our_address("/sign-in/")}
    return with_words(there, words)
