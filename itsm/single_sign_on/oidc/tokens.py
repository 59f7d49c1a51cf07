"""An authorization code for an ID token, and what is believed of it."""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import jwt
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from jwt import exceptions

from itsm.identity.models import IdentityProvider
from itsm.identity.vocabulary import Refusal
from itsm.kernel import strangers
from itsm.kernel.errors import Unavailable
from itsm.notifications import outgoing
from itsm.notifications.addresses import OutgoingFailed, OutgoingRefused
from itsm.notifications.credentials import Credentials
from itsm.openid.keys import SECONDS
from itsm.single_sign_on.errors import AnswerRefused, refused
from itsm.single_sign_on.oidc import configuration
from itsm.single_sign_on.oidc.metadata import key_of, metadata
from itsm.single_sign_on.oidc.signing_in import client

LONGEST = 20_000  # characters of a token
_CLOCKS_DIFFER = timedelta(seconds=60)
_NEEDED = ["iss", "sub", "aud", "exp", "iat"]
_LONGEST_SUBJECT = 255


def exchanged(provider: IdentityProvider, code: str, verifier: str, back: str, *, at: datetime) -> dict[str, Any]:
    """What the token endpoint gives for a code. Raises AnswerRefused, Unavailable."""
    says, known = configuration.of(provider), metadata(provider, at=at)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    try:
        signs_in, more = client(says, known, at=at)
        answer = outgoing.fetch(
            "POST", known["token_endpoint"], body=urlencode(form | more).encode("ascii"), credentials=signs_in,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            timeout=SECONDS, cut_at=200_000,
        )  # fmt: skip
        said = outgoing.json_of(answer.body) if answer.status in {200, 400, 401} else {}
    except (OutgoingFailed, OutgoingRefused) as error:
        raise Unavailable(_("%(name)s does not answer now: %(why)s") % {"name": provider.name, "why": error}) from error
    if answer.status == 200 and isinstance(said, dict) and isinstance(said.get("id_token"), str):
        return said
    word = str(said.get("error", ""))[:60] if isinstance(said, dict) else ""
    told = _("The token address gave no ID token (%(status)d %(error)s).")
    raise refused(provider, told % {"status": answer.status, "error": word})


def verified(
    provider: IdentityProvider, text: str, *, nonce: str | None, at: datetime, needed: tuple[str, ...] = ()
) -> dict[str, Any]:
    """The claims of an ID token (or of a logout token, without a nonce) that was signed by the provider, for this desk.

    Raises AnswerRefused and Unavailable (its keys cannot be read).
    """
    says = configuration.of(provider)
    header = _header(provider, text)
    key = key_of(provider, header["kid"], header["alg"], at=at)
    try:
        made = jwt.decode(
            text, key, algorithms=[key.algorithm_name], audience=says["client_id"], issuer=says["issuer"],
            leeway=_CLOCKS_DIFFER,
            options={"require": [*(one for one in _NEEDED if nonce is not None or one != "sub"), *needed],
                     "enforce_minimum_key_length": True},
        )  # fmt: skip
    except (exceptions.PyJWTError, ValueError, OverflowError) as error:
        raise refused(provider, _("Its token does not hold: %(why)s") % {"why": str(error)[:200]}) from error
    if strangers.storable(json.dumps(made).encode()) != json.dumps(made):
        raise refused(provider, _("Its token holds a sign that is none."))
    _check_party(provider, made, says["client_id"])
    if nonce is not None and not constant_time_compare(str(made.get("nonce", "")), nonce):
        raise refused(provider, _("Its token was made for another sign-in (nonce)."))
    sub = made.get("sub")
    if sub is not None and (not isinstance(sub, str) or not 0 < len(sub) <= _LONGEST_SUBJECT or not sub.strip()):
        raise refused(provider, _("Its token does not say who it is (sub)."))
    return dict(made)


def _header(provider: IdentityProvider, text: str) -> dict[str, str]:
    try:
        header = jwt.get_unverified_header(text[: LONGEST + 1])
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise refused(provider, _("Its answer holds no token.")) from error
    kid = header.get("kid", "")
    if len(text) > LONGEST or not isinstance(kid, str) or "\0" in kid or "crit" in header or "b64" in header:
        raise refused(provider, _("Its token names no key (kid), or asks for more than is understood (crit)."))
    return {"kid": kid, "alg": str(header.get("alg"))}


def _check_party(provider: IdentityProvider, made: dict[str, Any], ours: str) -> None:
    """For this desk alone, asked for by this desk."""
    audience = made["aud"] if isinstance(made["aud"], list) else [made["aud"]]
    if audience != [ours] or made.get("azp", ours) != ours:
        raise refused(provider, _("Its token was made for others as well (aud, azp)."))


def check_access_token(provider: IdentityProvider, made: dict[str, Any], access_token: str, algorithm: str) -> None:
    """Where the ID token says which access token belongs to it (at_hash), it is this one. Raises AnswerRefused."""
    told = made.get("at_hash")
    if told is None:
        return
    bits = algorithm[-3:] if algorithm[-3:] in ("256", "384", "512") else "512"
    digest = hashlib.new(f"sha{bits}", access_token.encode("ascii", "replace")).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).decode("ascii").rstrip("=")
    if not constant_time_compare(str(told), half):
        raise refused(provider, _("The access token belongs to another sign-in (at_hash)."))


def userinfo(provider: IdentityProvider, access_token: str, sub: str, *, at: datetime) -> dict[str, Any]:
    """What the provider says beside the token, of the same person. Raises AnswerRefused, Unavailable."""
    address = metadata(provider, at=at).get("userinfo_endpoint")
    if not address or not access_token or not access_token.isascii() or not access_token.isprintable():
        return {}
    held = Credentials("bearer", secret=access_token)
    try:
        said = outgoing.get_json(address, credentials=held, headers={"Accept": "application/json"}, timeout=SECONDS)
    except (OutgoingFailed, OutgoingRefused) as error:
        raise Unavailable(_("%(name)s does not answer now: %(why)s") % {"name": provider.name, "why": error}) from error
    if not isinstance(said, dict) or said.get("sub") != sub:
        raise AnswerRefused(
            _("What it says beside the token is of somebody else (userinfo, sub)."),
            refused(provider, "").detail, Refusal.BAD_ANSWER,
        )  # fmt: skip
    return said
