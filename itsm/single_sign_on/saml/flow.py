"""A sign-in by SAML 2.0, from the button to who it is: asked for by us, signed, for us, now, and once."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from onelogin.saml2.auth import OneLogin_Saml2_Auth
from onelogin.saml2.constants import OneLogin_Saml2_Constants as Names
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from itsm.identity.models import MAX_SUBJECT, IdentityProvider
from itsm.identity.protocols import Identified
from itsm.identity.vocabulary import Refusal
from itsm.kernel.errors import Unavailable
from itsm.kernel.texts import printable_line
from itsm.notifications.credentials import CredentialMissing, credentials_of
from itsm.single_sign_on import addresses, once
from itsm.single_sign_on.asserted import Asserted, is_address
from itsm.single_sign_on.errors import AnswerRefused, refused
from itsm.single_sign_on.saml import configuration, xml

LIFETIME = timedelta(minutes=10)
MOST = 400_000  # bytes of a response
_SHOWN = 2000
_TRANSIENT = Names.NAMEID_TRANSIENT
_ENCRYPTED = f"{xml.ASSERTION}EncryptedAssertion"


def settings_of(provider: IdentityProvider, at_home: str, acs: str) -> dict[str, Any]:
    """What the library is told: strict, signed assertions alone, no algorithm of yesterday.

    `at_home`: the address of our metadata, which is our name there. Raises Unavailable (our key is not there).
    """
    says = configuration.of(provider)
    key, certificate = _pair(provider, says["key"])
    there, here = {"url": says["slo_url"]}, {"url": addresses.of(provider, "logout")}
    redirect = {"binding": Names.BINDING_HTTP_REDIRECT}
    logout = {"singleLogoutService": here | redirect}, {"singleLogoutService": there | redirect}
    ours, theirs = logout if says["slo_url"] else ({}, {})
    return {
        "strict": True,
        "debug": False,
        "sp": {
            "entityId": at_home,
            "assertionConsumerService": {"url": acs, "binding": Names.BINDING_HTTP_POST},
            "NameIDFormat": Names.NAMEID_UNSPECIFIED,
            "privateKey": key,
            "x509cert": certificate,
            **ours,
        },
        "idp": {
            "entityId": says["entity_id"],
            "singleSignOnService": {"url": says["sso_url"], "binding": Names.BINDING_HTTP_REDIRECT},
            "x509certMulti": {"signing": says["certificates"], "encryption": says["certificates"][:1]},
            **theirs,
        },
        "security": {
            "authnRequestsSigned": bool(key),
            "wantAssertionsSigned": True,
            "wantMessagesSigned": False,
            "wantAssertionsEncrypted": says["wants_encrypted"],
            "wantNameId": True,
            "wantAttributeStatement": False,
            "requestedAuthnContext": False,
            "rejectUnsolicitedResponsesWithInResponseTo": True,
            "rejectDeprecatedAlgorithm": True,
            "signatureAlgorithm": Names.RSA_SHA256,
            "digestAlgorithm": Names.SHA256,
            "allowRepeatAttributeName": False,
            "relaxDestinationValidation": False,
        },
    }


def _pair(provider: IdentityProvider, name: str) -> tuple[str, str]:
    if not name:
        return "", ""
    try:
        held = credentials_of("mtls", name)
        if held.key is None or held.certificate is None:
            return "", ""
        return held.key.read_text("ascii"), held.certificate.read_text("ascii")
    except (CredentialMissing, OSError, ValueError) as error:
        said = _("The key for %(name)s cannot be read here: %(why)s")
        raise Unavailable(said % {"name": provider.name, "why": error}) from error


def our_metadata(provider: IdentityProvider, at_home: str, acs: str) -> str:
    """What the provider is given of us. Raises Unavailable."""
    made = OneLogin_Saml2_Settings(settings_of(provider, at_home, acs), sp_validation_only=True)
    said = made.get_sp_metadata()
    return said.decode() if isinstance(said, bytes) else str(said)


def _library(provider: IdentityProvider, at_home: str, acs: str, posted: Mapping[str, str]) -> OneLogin_Saml2_Auth:
    ours = urlsplit(settings.BASE_URL)
    request = {
        "https": "on" if ours.scheme == "https" else "off",
        "http_host": ours.netloc,
        "script_name": urlsplit(acs).path,
        "get_data": {},
        "post_data": dict(posted),
    }
    return OneLogin_Saml2_Auth(request, settings_of(provider, at_home, acs))


def begin(provider: IdentityProvider, at_home: str, acs: str, *, again: bool) -> tuple[str, dict[str, Any]]:
    """The address at which to sign in, and what the session keeps of it. Raises Unavailable."""
    auth = _library(provider, at_home, acs, {})
    address = auth.login(return_to=acs, force_authn=again, set_nameid_policy=True)
    return str(address), {"request": str(auth.get_last_request_id()), "again": again}


def answered(
    provider: IdentityProvider, posted: Mapping[str, str], at_home: str, acs: str, *, at: datetime
) -> tuple[str, Asserted, float]:
    """Which request of ours is answered, with whom, and when they showed it there (0: it does not say).

    Raises AnswerRefused, Unavailable.
    """
    says = configuration.of(provider)
    data = _decoded(provider, posted.get("SAMLResponse", ""))
    try:
        root = xml.response(data, most=MOST, encrypted=says["wants_encrypted"])
    except xml.Ambiguous as error:
        raise refused(provider, _("The response is refused: %(why)s.") % {"why": error}) from error
    request_id = root.get("InResponseTo")
    if not request_id or len(request_id) > 80:
        raise refused(provider, _("It answers to nothing that was asked here (InResponseTo)."))
    auth = _library(provider, at_home, acs, posted)
    _verify(provider, auth, request_id)
    assertion = _assertion(provider, auth, says)
    _check_for_us(provider, assertion, at_home, acs, request_id)
    asserted = _asserted(provider, auth, says)
    _use_up(provider, auth, at)
    return request_id, asserted, _authenticated(assertion)


def _decoded(provider: IdentityProvider, text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise refused(provider, _("The answer holds no response.")) from error


def _verify(provider: IdentityProvider, auth: OneLogin_Saml2_Auth, request_id: str) -> None:
    try:
        auth.process_response(request_id=request_id)
    except Exception as error:
        raise refused(provider, _("The response does not hold: %(why)s") % {"why": str(error)[:200]}) from error
    if auth.get_errors() or not auth.is_authenticated():
        why = str(auth.get_last_error_reason() or ", ".join(auth.get_errors()))[:200]
        if "status code" in why.lower():
            said = _("%(name)s did not let you in. You can try again, or come in another way.")
            raise AnswerRefused(why, said % {"name": provider.name}, Refusal.DENIED)
        raise refused(provider, _("The response does not hold: %(why)s") % {"why": why})


def _assertion(provider: IdentityProvider, auth: OneLogin_Saml2_Auth, says: Mapping[str, Any]) -> Any:
    """The one assertion as it was verified; what was encrypted is looked at once more, now that it can be read."""
    text = auth.get_last_response_xml()
    data = text.encode() if isinstance(text, str) else text
    try:
        root = xml.response(data, most=4 * MOST) if _ENCRYPTED.encode() not in data else xml.plain(data, most=4 * MOST)
    except xml.Ambiguous as error:
        raise refused(provider, _("The response is refused: %(why)s.") % {"why": error}) from error
    found = list(root.iter(f"{xml.ASSERTION}Assertion"))
    if len(found) != 1 or found[0].get("ID") != auth.get_last_assertion_id():
        raise refused(provider, _("The response is refused: %(why)s.") % {"why": "its assertion is not the signed one"})
    issuers = [one.text for one in root.iter(f"{xml.ASSERTION}Issuer")]
    if any(one != says["entity_id"] for one in issuers):
        raise refused(provider, _("The response is of another provider (Issuer)."))
    return found[0]


def _check_for_us(provider: IdentityProvider, assertion: Any, at_home: str, acs: str, request_id: str) -> None:
    """What the library lets pass where it is not said: for this desk, brought here, in answer to this, until then."""
    conditions = assertion.findall(f"{xml.ASSERTION}Conditions")
    restricted = [one for each in conditions for one in each.findall(f"{xml.ASSERTION}AudienceRestriction")]
    audiences = [[one.text for one in each.findall(f"{xml.ASSERTION}Audience")] for each in restricted]
    if len(conditions) != 1 or not audiences or any(at_home not in each for each in audiences):
        raise refused(provider, _("It is not for this desk alone (Audience)."))
    bearer = f"{xml.ASSERTION}Subject/{xml.ASSERTION}SubjectConfirmation[@Method='{Names.CM_BEARER}']"
    told = assertion.findall(f"{bearer}/{xml.ASSERTION}SubjectConfirmationData")
    wanted = {"Recipient": acs, "InResponseTo": request_id}
    fits = [one for one in told if all(one.get(name) == value for name, value in wanted.items())]
    if not any(one.get("NotOnOrAfter") for one in fits):
        raise refused(provider, _("It does not say that it is brought here, in answer to us, and until when."))


def _use_up(provider: IdentityProvider, auth: OneLogin_Saml2_Auth, at: datetime) -> None:
    """An assertion is taken once, whoever brings it."""
    ends = auth.get_last_assertion_not_on_or_after()
    until = datetime.fromtimestamp(ends, UTC) if isinstance(ends, int | float) else at + timedelta(days=1)
    if not once.use_up(provider, f"assertion {auth.get_last_assertion_id()}", until=max(until, at) + LIFETIME):
        raise refused(provider, _("This answer was used before (assertion)."))


def _authenticated(assertion: Any) -> float:
    statement: Any = next(assertion.iter(f"{xml.ASSERTION}AuthnStatement"), None)
    try:
        said = datetime.fromisoformat(str(statement.get("AuthnInstant")).replace("Z", "+00:00"))
    except (ValueError, AttributeError):
        return 0.0
    return (said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp()


def _asserted(provider: IdentityProvider, auth: OneLogin_Saml2_Auth, says: Mapping[str, Any]) -> Asserted:
    attributes = {
        str(name): [str(one) for one in values if one is not None] for name, values in auth.get_attributes().items()
    }
    name_id, shape = str(auth.get_nameid() or ""), str(auth.get_nameid_format() or "")
    subject = _first(attributes, says["subject_attribute"]) if says["subject_attribute"] else name_id
    if shape == _TRANSIENT and not says["subject_attribute"]:
        raise refused(provider, _("It calls people by another name each time (transient NameID): name an attribute."))
    if not subject.strip() or len(subject) > MAX_SUBJECT or not subject.isprintable():
        raise refused(provider, _("It does not say who it is."))
    email = _first(attributes, says["email_attribute"])
    if not email and shape == Names.NAMEID_EMAIL_ADDRESS:
        email = name_id
    email = email if is_address(email) else ""
    groups = attributes.get(says["groups_attribute"]) if says["groups_attribute"] else None
    contexts = set(map(str, auth.get_last_authn_contexts() or []))
    return Asserted(
        Identified(
            subject=subject, email=email, email_verified=bool(email and says["emails_verified"]),
            name=_first(attributes, says["name_attribute"])[:150],
            groups=_groups(groups, says, attributes), login_hint=email.partition("@")[0],
        ),
        strong=bool(contexts & set(says["strong_values"])),
        sid=str(auth.get_session_index() or "")[:300],
        shown={"NameID": name_id[:_SHOWN], "Format": shape, "AuthnContext": ", ".join(sorted(contexts))}
        | {name[:200]: ", ".join(values)[:_SHOWN] for name, values in list(attributes.items())[:60]},
    )  # fmt: skip


def _groups(
    groups: list[str] | None, says: Mapping[str, Any], attributes: Mapping[str, list[str]]
) -> tuple[str, ...] | None:
    """An attribute without values is often left out: where others are there, none of the groups are theirs."""
    if not says["groups_attribute"]:
        return None
    if groups is None:
        return () if attributes else None
    return tuple(dict.fromkeys(one for one in groups if one))


def _first(attributes: Mapping[str, list[str]], name: str) -> str:
    found = attributes.get(name, [""]) if name else [""]
    return printable_line(found[0]) if found else ""
