"""How a provider that speaks SAML 2.0 is set up."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from onelogin.saml2.idp_metadata_parser import OneLogin_Saml2_IdPMetadataParser

from itsm.identity.models import IdentityProvider
from itsm.kernel.errors import InvalidInput
from itsm.notifications.addresses import OutgoingFailed, OutgoingRefused
from itsm.notifications.outgoing import fetch
from itsm.notifications.web_addresses import is_web_address
from itsm.single_sign_on.saml import xml
from itsm.slugs import slug_refusal
from itsm.webhooks.sending import judged

MOST_CERTIFICATES = 4
MAX_METADATA = 300_000  # characters
DEFAULTS: dict[str, Any] = {
    "entity_id": "", "sso_url": "", "slo_url": "", "certificates": [], "subject_attribute": "",
    "email_attribute": "email", "name_attribute": "displayName", "groups_attribute": "groups",
    "emails_verified": False, "key": "", "wants_encrypted": False,
    "strong_values": ["https://refeds.org/profile/mfa", "http://schemas.microsoft.com/claims/multipleauthn"],
}  # fmt: skip
LABELS = {
    "entity_id": lazy("Its name (entity ID)"),
    "sso_url": lazy("Where one signs in"),
    "slo_url": lazy("Where one signs out"),
    "certificates": lazy("Certificates that it signs with"),
    "subject_attribute": lazy("Attribute that names people for ever"),
    "email_attribute": lazy("Attribute of the mail address"),
    "name_attribute": lazy("Attribute of the name"),
    "groups_attribute": lazy("Attribute of the groups"),
    "emails_verified": lazy("The addresses that it says are verified"),
    "key": lazy("Our key (name of its files)"),
    "wants_encrypted": lazy("Takes encrypted assertions only"),
    "strong_values": lazy("Contexts that stand for several factors"),
}
_ATTRIBUTES = ("subject_attribute", "email_attribute", "name_attribute", "groups_attribute")
_BOOLS = ("emails_verified", "wants_encrypted")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


def checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """The whole configuration, as it is kept. Raises InvalidInput with a sentence for each field that is wrong."""
    errors: dict[str, list[str]] = {}
    unknown = sorted(set(said) - set(DEFAULTS))
    if unknown:
        errors["configuration"] = [_("Nothing is called %(name)s here.") % {"name": unknown[0][:80]}]
    found = {name: said.get(name, default) for name, default in DEFAULTS.items()}
    for name in ("entity_id", "sso_url", "slo_url", "key", *_ATTRIBUTES):
        found[name] = found[name].strip() if isinstance(found[name], str) else "\0"
        if "\0" in found[name] or len(found[name]) > 300:
            errors[name] = [_("A text of at most 300 characters.")]
    for name in _BOOLS:
        if not isinstance(found[name], bool):
            errors[name] = [_("Say yes or no.")]
    _check_addresses(found, errors)
    if "key" not in errors and found["key"] and (sentence := slug_refusal(found["key"])):
        errors["key"] = [sentence]
    if found["wants_encrypted"] is True and not found["key"]:
        errors["key"] = [_("Encrypted assertions need a key of ours.")]
    _check_lists(found, errors)
    if errors:
        raise InvalidInput(_("The provider cannot be set up like this."), errors)
    return found


def _check_addresses(found: dict[str, Any], errors: dict[str, list[str]]) -> None:
    if not found["entity_id"]:
        errors["entity_id"] = [_("Say its entity ID, as its metadata do.")]
    if not is_web_address(found["sso_url"]):
        errors["sso_url"] = [_("Say the https address at which one signs in (HTTP-Redirect).")]
    if found["slo_url"] and not is_web_address(found["slo_url"]):
        errors["slo_url"] = [_("Say the https address at which one signs out (HTTP-Redirect), or nothing.")]
    for name in ("sso_url", "slo_url"):
        if name in errors or not found[name]:
            continue
        try:
            judged(found[name])
        except OutgoingRefused as error:
            errors[name] = [str(error)]


def _check_lists(found: dict[str, Any], errors: dict[str, list[str]]) -> None:
    words = found["strong_values"]
    if not (
        isinstance(words, list) and len(words) <= 20 and all(isinstance(one, str) and one.strip() for one in words)
    ):
        errors["strong_values"] = [_("Say at most 20 words.")]
    else:
        found["strong_values"] = sorted({one.strip()[:300] for one in words})
    try:
        found["certificates"] = certificates(found["certificates"])
    except ValueError as error:
        errors["certificates"] = [str(error)]


def certificates(said: Any) -> list[str]:
    """Certificates as PEM, each once. Raises ValueError with a sentence."""
    if isinstance(said, str):
        said = _PEM.findall(said) or ([said] if said.strip() else [])
    if not isinstance(said, list) or not 1 <= len(said) <= MOST_CERTIFICATES:
        raise ValueError(
            _("Name 1 to %(most)s certificates (PEM); two while it changes over.") % {"most": MOST_CERTIFICATES}
        )
    found: list[str] = []
    for one in said:
        made = _certificate(str(one))
        key = made.public_key()
        if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
            raise ValueError(_("A certificate needs an RSA key of 2048 bits or more."))
        text = made.public_bytes(serialization.Encoding.PEM).decode("ascii")
        if text not in found:
            found.append(text)
    return found


def _certificate(text: str) -> x509.Certificate:
    body = "".join(text.replace("-----BEGIN CERTIFICATE-----", "").replace("-----END CERTIFICATE-----", "").split())
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    try:
        return x509.load_pem_x509_certificate(
            f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n".encode()
        )
    except ValueError as error:
        raise ValueError(_("This is no certificate (PEM).")) from error


def fingerprint(text: str) -> str:
    """SHA-256 of a certificate, as people compare it."""
    return _certificate(text).fingerprint(hashes.SHA256()).hex(":").upper()


def ends_at(text: str) -> datetime:
    """When a certificate ends."""
    return _certificate(text).not_valid_after_utc.astimezone(UTC)


def from_metadata(text: str) -> dict[str, Any]:
    """entity_id, sso_url, slo_url ("": none) and certificates of one provider's metadata. Raises InvalidInput."""
    try:
        xml.plain(text.encode(), most=MAX_METADATA)
        found = OneLogin_Saml2_IdPMetadataParser.parse(text.encode()).get("idp", {})
        signing = found.get("x509certMulti", {}).get("signing") or [found["x509cert"]]
        return {
            "entity_id": str(found["entityId"]),
            "sso_url": str(found["singleSignOnService"]["url"]),
            "slo_url": str(found.get("singleLogoutService", {}).get("url", "")),
            "certificates": certificates([str(one) for one in signing][:MOST_CERTIFICATES]),
        }
    except Exception as error:
        said = _("These are no metadata (XML) of one provider with an HTTP-Redirect address and a certificate.")
        raise InvalidInput.about("metadata", said) from error


def read_metadata(url: str) -> dict[str, Any]:
    """The same, read once at an https address; what was read is kept and never read again by itself.

    Raises InvalidInput.
    """
    try:
        judged(url)
        answer = fetch("GET", url, timeout=8.0, cut_at=MAX_METADATA)
    except (OutgoingFailed, OutgoingRefused) as error:
        raise InvalidInput.about("metadata_url", str(error)) from error
    if answer.status != 200 or answer.is_cut:
        raise InvalidInput.about("metadata_url", _("The server answered %(status)d.") % {"status": answer.status})
    return from_metadata(answer.body.decode("utf-8", "replace"))


def shown(configuration: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """(label, value) in words; certificates by fingerprint and end."""
    return [(label, _in_words(name, configuration.get(name, DEFAULTS[name]))) for name, label in LABELS.items()]


def _in_words(name: str, value: Any) -> str:
    if name == "certificates":
        return "; ".join(f"{fingerprint(one)} ({ends_at(one):%Y-%m-%d})" for one in value) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return str(value) or "–"


def of(provider: IdentityProvider) -> dict[str, Any]:
    """Its configuration, with what it does not say as by default."""
    return {**DEFAULTS, **provider.configuration}
