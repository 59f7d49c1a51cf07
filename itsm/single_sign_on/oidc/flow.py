"""A sign-in by OpenID Connect, from the button to who it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import jwt
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from itsm.identity.models import MAX_SUBJECT, IdentityProvider
from itsm.identity.protocols import Identified
from itsm.identity.vocabulary import Refusal
from itsm.kernel.texts import printable_line
from itsm.openid import code_flow
from itsm.single_sign_on import once
from itsm.single_sign_on.asserted import Asserted, is_address, named_groups
from itsm.single_sign_on.errors import AnswerRefused, refused
from itsm.single_sign_on.oidc import configuration, tokens
from itsm.single_sign_on.oidc.metadata import metadata

LIFETIME = timedelta(minutes=10)
_LONGEST_CODE = 4096
_SHOWN = 2000  # characters of a claim


def begin(provider: IdentityProvider, back: str, *, again: bool, at: datetime) -> tuple[str, dict[str, Any]]:
    """The address at which to sign in, and what the session keeps of it. `again`: who is signed in there shows once
    more who they are. Raises Unavailable."""
    says, begun = configuration.of(provider), code_flow.Begun()
    address = code_flow.address(
        metadata(provider, at=at)["authorization_endpoint"], begun, client_id=says["client_id"], redirect_uri=back,
        scope=says["scope"], nonce=begun.nonce, prompt="login" if again else "", max_age="0" if again else "",
    )  # fmt: skip
    kept = {"state": begun.state, "verifier": begun.verifier, "nonce": begun.nonce, "again": again}
    return address, kept


def finish(
    provider: IdentityProvider, query: Mapping[str, str], kept: Mapping[str, Any], back: str, *, at: datetime
) -> Asserted:
    """Who came back. `kept`: what this session began. Raises AnswerRefused, Unavailable."""
    if not constant_time_compare(str(kept.get("state", "")), query.get("state", "")):
        raise refused(provider, _("It answers to a sign-in that was not begun in this browser (state)."))
    known = metadata(provider, at=at)
    issuer = query.get("iss")
    says_iss = issuer is not None or known.get("says_iss")
    if says_iss and issuer != configuration.of(provider)["issuer"]:  # RFC 9207: another provider's, mixed up
        raise refused(provider, _("The answer came from another issuer (iss)."))
    if not once.use_up(provider, f"state {kept['state']}", until=at + 2 * LIFETIME):
        raise refused(provider, _("This answer was used before (state)."))
    if "error" in query:
        told = f"{query['error'][:100]} {query.get('error_description', '')[:200]}"
        said = _("%(name)s did not let you in. You can try again, or come in another way.")
        raise AnswerRefused(told, said % {"name": provider.name}, Refusal.DENIED)
    code = query.get("code", "")
    if not 0 < len(code) <= _LONGEST_CODE:
        raise refused(provider, _("The answer holds no code."))
    given = tokens.exchanged(provider, code, str(kept["verifier"]), back, at=at)
    return _asserted(provider, given, kept, at)


def _asserted(provider: IdentityProvider, given: dict[str, Any], kept: Mapping[str, Any], at: datetime) -> Asserted:
    made = tokens.verified(provider, given["id_token"], nonce=str(kept["nonce"]), at=at)
    access = given.get("access_token") if isinstance(given.get("access_token"), str) else ""
    algorithm = str(jwt.get_unverified_header(given["id_token"])["alg"])
    if access:
        tokens.check_access_token(provider, made, access, algorithm)
    if kept.get("again") and not _just_now(made.get("auth_time"), at):
        raise refused(provider, _("It does not say that they showed just now who they are (auth_time)."))
    says = configuration.of(provider)
    claims = dict(made)
    wanted = ["email", "email_verified", "name", *([says["groups_claim"]] if says["groups_claim"] else [])]
    if access and any(_found(made, name) is None for name in wanted):
        said = tokens.userinfo(provider, access, made["sub"], at=at)
        claims = {**said, **made}  # the signed word counts
    return Asserted(
        _identified(claims, says), strong=_is_strong(made, says["strong_values"]),
        sid=made["sid"] if isinstance(made.get("sid"), str) else "", shown=_shown(claims),
        shown_at=_instant(made.get("auth_time")),
    )  # fmt: skip


def _identified(claims: dict[str, Any], says: dict[str, Any]) -> Identified:
    email = claims.get("email") if isinstance(claims.get("email"), str) else ""
    told = claims.get("email_verified")
    verified = told in (True, "true") or (told is None and says["emails_verified"])
    name = claims.get("name") if isinstance(claims.get("name"), str) else ""
    hint = claims.get("preferred_username")
    return Identified(
        subject=claims["sub"][:MAX_SUBJECT],
        email=str(email)[:254] if is_address(str(email)) else "",
        email_verified=bool(verified and is_address(str(email))),
        name=printable_line(str(name))[:150],
        groups=named_groups(_found(claims, says["groups_claim"])) if says["groups_claim"] else None,
        login_hint=hint[:150] if isinstance(hint, str) else "",
    )


def _found(claims: Mapping[str, Any], name: str) -> Any:
    """A claim, by its name or by a path of names with dots between them."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _is_strong(made: Mapping[str, Any], words: list[str]) -> bool:
    """Whether the signed token says that several factors were shown (amr, acr)."""
    amr = made.get("amr") if isinstance(made.get("amr"), list) else []
    return bool({*(one for one in amr or [] if isinstance(one, str)), str(made.get("acr", ""))} & set(words))


def _instant(auth_time: Any) -> float:
    return float(auth_time) if isinstance(auth_time, int | float) and abs(auth_time) < 1e11 else 0.0


def _just_now(auth_time: Any, at: datetime) -> bool:
    return isinstance(auth_time, int | float) and abs(at.timestamp() - auth_time) < LIFETIME.total_seconds()


def _shown(claims: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name)[:100]: str(value)[:_SHOWN] for name, value in list(claims.items())[:60]}
