"""How a provider that speaks OpenID Connect is set up."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.identity.models import IdentityProvider
from itsm.kernel.errors import InvalidInput
from itsm.notifications.addresses import OutgoingRefused
from itsm.slugs import slug_refusal
from itsm.webhooks.sending import judged

DEFAULTS: dict[str, Any] = {
    "issuer": "", "client_id": "", "credential": "", "scope": "openid email profile", "groups_claim": "groups",
    "emails_verified": False, "strong_values": ["mfa"],
}  # fmt: skip
LABELS = {
    "issuer": lazy("Issuer"),
    "client_id": lazy("Client ID"),
    "credential": lazy("Client secret (name of its file)"),
    "scope": lazy("Scope"),
    "groups_claim": lazy("Claim that names the groups"),
    "emails_verified": lazy("Addresses are verified, where it says nothing of that"),
    "strong_values": lazy("Words of amr or acr that stand for several factors"),
}
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*")


def checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """The whole configuration, as it is kept. Raises InvalidInput with a sentence for each field that is wrong."""
    errors: dict[str, list[str]] = {}
    unknown = sorted(set(said) - set(DEFAULTS))
    if unknown:
        errors["configuration"] = [_("Nothing is called %(name)s here.") % {"name": unknown[0][:80]}]
    found = {name: said.get(name, default) for name, default in DEFAULTS.items()}
    for name, default in DEFAULTS.items():
        if isinstance(default, str):
            found[name] = found[name].strip() if isinstance(found[name], str) else None
    _check_texts(found, errors)
    if not isinstance(found["emails_verified"], bool):
        errors["emails_verified"] = [_("Say yes or no.")]
    words = found["strong_values"]
    if not (
        isinstance(words, list) and len(words) <= 20 and all(isinstance(one, str) and one.strip() for one in words)
    ):
        errors["strong_values"] = [_("Say at most 20 words.")]
    else:
        found["strong_values"] = sorted({one.strip()[:200] for one in words})
    if not errors:
        _check_issuer(found["issuer"], errors)
    if errors:
        raise InvalidInput(_("The provider cannot be set up like this."), errors)
    return found


def _check_texts(found: dict[str, Any], errors: dict[str, list[str]]) -> None:
    rules = {
        "client_id": (r"[\x20-\x7e]{1,200}", _("The client ID that the provider gave this desk, 1 to 200 characters.")),
        "scope": (_SCOPE.pattern, _("Words with a space between them; one of them is openid.")),
        "groups_claim": (r"(?:[^\s\"\\\0]{1,200})?", _("A claim's name, such as groups or realm_access.roles.")),
    }
    for name, (rule, sentence) in rules.items():
        if not isinstance(found[name], str) or not re.fullmatch(rule, found[name]):
            errors[name] = [sentence]
    if "scope" not in errors and ("openid" not in found["scope"].split() or len(found["scope"]) > 500):
        errors["scope"] = [rules["scope"][1]]
    if not isinstance(found["credential"], str):
        errors["credential"] = [_("The name of a file in HEADROOM_SECRETS_DIR.")]
    elif found["credential"] and (sentence := slug_refusal(found["credential"])):
        errors["credential"] = [sentence]
    if not isinstance(found["issuer"], str):
        errors["issuer"] = [_("Say the issuer as its tokens do (iss).")]


def _check_issuer(issuer: str, errors: dict[str, list[str]]) -> None:
    try:
        parts = urlsplit(issuer)
        named = parts.hostname and parts.scheme in ("https", "http")
    except ValueError:
        named, parts = None, urlsplit("")
    if not named or parts.query or parts.fragment or parts.username or len(issuer) > 300:
        errors["issuer"] = [_("Say the issuer as its tokens do (iss): an https address without a query.")]
        return
    try:
        judged(issuer)
    except OutgoingRefused as error:
        errors["issuer"] = [str(error)]


def shown(configuration: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """(label, value) in words."""
    return [(label, _in_words(configuration.get(name, DEFAULTS[name]))) for name, label in LABELS.items()]


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return str(value) or "–"


def of(provider: IdentityProvider) -> dict[str, Any]:
    """Its configuration, with what it does not say as by default."""
    return {**DEFAULTS, **provider.configuration}
