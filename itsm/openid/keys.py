"""The public keys of an issuer: found by OpenID Connect Discovery, read through the guarded client, cached by `kid`.

An unknown kid is asked for at once, but an issuer is asked once a minute at most, whoever sends tokens. A kid that is
known keeps its key: an issuer that gives the same name to another key is not followed.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from django.utils.translation import gettext as _
from jwt import PyJWK, PyJWKError

from itsm.kernel.errors import Unavailable
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused, get_json
from itsm.webhooks.sending import judged

FRESH = timedelta(hours=1)  # read anew after that
USABLE = timedelta(hours=24)  # where the issuer does not answer, for so long
ASKED_AT_MOST = timedelta(minutes=1)
MOST_KEYS = 50
LEAST_RSA_BITS = 2048
SECONDS = 5.0
# What a key of each kind may sign with; never a secret that both sides hold (HS256), never nothing.
ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
_MATERIAL = ("kty", "n", "e", "crv", "x", "y")


class Wrong(StrEnum):
    """What is wrong with how a token is signed."""

    KEY = "key"
    ALGORITHM = "algorithm"


class KeyRefused(Exception):
    """No key of the issuer's is for this token. `wrong` says why in a word, the text in a sentence."""

    def __init__(self, wrong: Wrong, sentence: str) -> None:
        super().__init__(sentence)
        self.wrong = wrong


class Keyring(Protocol):
    """The keys of one issuer as they are kept, for every process.

    `may_ask(at)`: claims to be who asks the issuer now; else reads again what others kept meanwhile. `keep`: what the
    issuer said, and when; `failed`: why it did not.
    """

    @property
    def issuer(self) -> str: ...
    @property
    def keys(self) -> dict[str, Any]: ...
    @property
    def read_at(self) -> datetime | None: ...
    @property
    def last_error(self) -> str: ...
    def may_ask(self, at: datetime) -> bool: ...
    def keep(self, found: dict[str, Any], at: datetime) -> None: ...
    def failed(self, why: str) -> None: ...


def key_of(ring: Keyring, kid: str, algorithm: str, *, at: datetime) -> PyJWK:
    """The issuer's key of this name, bound to this algorithm.

    Raises KeyRefused (there is none, or it does not sign like that), Unavailable (the issuer cannot be asked).
    """
    if kid not in ring.keys or ring.read_at is None or at - ring.read_at > FRESH:
        _read_again(ring, at)
    if ring.read_at is None or at - ring.read_at > USABLE:
        raise Unavailable(
            _("The keys of %(issuer)s cannot be read now: %(why)s")
            % {"issuer": ring.issuer, "why": ring.last_error or _("it was asked a moment ago; try again.")}
        )
    if kid not in ring.keys:
        said = _("%(issuer)s has no key “%(kid)s”.") % {"issuer": ring.issuer, "kid": kid[:80]}
        raise KeyRefused(Wrong.KEY, said)
    return bound(ring.keys[kid], algorithm)


def only_key(ring: Keyring, *, at: datetime) -> str:
    """The name of the issuer's one key, for a token that names none (OIDC Core, 10.1); "" where it has several.

    Raises nothing.
    """
    if not ring.keys or ring.read_at is None or at - ring.read_at > FRESH:
        _read_again(ring, at)
    return next(iter(ring.keys)) if len(ring.keys) == 1 else ""


def bound(key: dict[str, Any], algorithm: str) -> PyJWK:
    """The key for this algorithm alone. Raises KeyRefused where it is not of the key's kind.

    An RSA key signs by any of six; that of a curve is one algorithm's.
    """
    if algorithm in ALGORITHMS.get(key["kty"], ()):
        made = PyJWK.from_dict(key, algorithm if key["kty"] == "RSA" else None)
        if made.algorithm_name == algorithm:
            return made
    said = _("A token that is signed with “%(algorithm)s” is not taken with this key.")
    raise KeyRefused(Wrong.ALGORITHM, said % {"algorithm": algorithm[:20]})


def _read_again(ring: Keyring, at: datetime) -> None:
    """Ask the issuer, where nobody did within the minute; what it says is kept for every process."""
    if not ring.may_ask(at):
        return
    try:
        found = read(ring.issuer)
    except (OutgoingFailed, OutgoingRefused) as error:
        ring.failed(str(error)[:300])
        return
    ring.keep(found, at)


def pinned(known: dict[str, Any], found: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The keys that count now; and, where under a name that was known came another key, a sentence that says so."""
    changed = [kid for kid, key in found.items() if kid in known and known[kid] != key]
    said = _("Under a name that is known (%(kids)s) came another key: it is not believed.")
    told = (said % {"kids": ", ".join(changed)})[:300] if changed else ""
    return {kid: known.get(kid, key) for kid, key in found.items()}, told


def read(issuer: str) -> dict[str, Any]:
    """The signing keys of an issuer by kid, as it publishes them. Raises OutgoingRefused and OutgoingFailed."""
    return published(discovered(issuer))


def discovered(issuer: str) -> dict[str, Any]:
    """What an issuer publishes of itself. Raises OutgoingRefused and OutgoingFailed."""
    document = _document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if document.get("issuer") != issuer:
        raise OutgoingFailed(_("What it publishes of itself names another issuer."))
    if not isinstance(document.get("jwks_uri"), str):
        raise OutgoingFailed(_("What it publishes of itself names no keys (jwks_uri)."))
    return document


def published(document: dict[str, Any]) -> dict[str, Any]:
    """The signing keys by kid of an issuer that says this of itself. Raises OutgoingRefused and OutgoingFailed."""
    listed = _document(document["jwks_uri"]).get("keys")
    keys = [one for one in listed if isinstance(one, dict)][:MOST_KEYS] if isinstance(listed, list) else []
    found = {str(one["kid"]): _material(one) for one in keys if _is_ours_to_use(one)}
    if not found:
        raise OutgoingFailed(_("It publishes no key that could sign a token."))
    return found


def _document(address: str) -> dict[str, Any]:
    judged(address)
    document = get_json(address, timeout=SECONDS)
    if not isinstance(document, dict):
        raise OutgoingFailed(_("The server's answer is no object."))
    return document


def _material(key: dict[str, Any]) -> dict[str, Any]:
    """What makes the key, and nothing that decorates it: a new `x5c` makes no other key."""
    return {name: key[name] for name in _MATERIAL if isinstance(key.get(name), str)}


def _is_ours_to_use(key: dict[str, Any]) -> bool:
    """Public, for signatures, of a kind and strength that is taken."""
    if key.get("kty") not in ALGORITHMS or key.get("use", "sig") != "sig" or not isinstance(key.get("kid"), str):
        return False
    try:
        made = PyJWK.from_dict(_material(key)).key
    except (PyJWKError, ValueError, TypeError):
        return False
    return 0 < len(key["kid"]) <= 200 and getattr(made, "key_size", LEAST_RSA_BITS) >= _least(key["kty"])


def _least(kind: str) -> int:
    return LEAST_RSA_BITS if kind == "RSA" else 0
