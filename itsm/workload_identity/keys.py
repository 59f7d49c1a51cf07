"""The public keys of an issuer: found by OpenID Connect Discovery, read through the guarded client, cached by `kid`.

An unknown kid is asked for at once, but an issuer is asked once a minute at most, whoever sends tokens. A kid that is
known keeps its key: an issuer that gives the same name to another key is not followed.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from jwt import PyJWK, PyJWKError

from itsm.kernel.errors import Unavailable
from itsm.notifications.outgoing import OutgoingFailed, OutgoingRefused, get_json
from itsm.webhooks.sending import judged
from itsm.workload_identity.errors import WorkloadRefused
from itsm.workload_identity.models import TrustedIssuer
from itsm.workload_identity.vocabulary import Reason

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


def key_of(issuer: TrustedIssuer, kid: str, algorithm: str, *, at: datetime) -> PyJWK:
    """The issuer's key of this name, bound to this algorithm.

    Raises WorkloadRefused (there is none, or it does not sign like that), Unavailable (the issuer cannot be asked).
    """
    read_at = issuer.keys_read_at
    if kid not in issuer.keys or read_at is None or at - read_at > FRESH:
        _read_again(issuer, at)
    read_at = issuer.keys_read_at
    if read_at is None or at - read_at > USABLE:
        raise Unavailable(
            _("The keys of %(issuer)s cannot be read now: %(why)s")
            % {"issuer": issuer.issuer, "why": issuer.last_error or _("it was asked a moment ago; try again.")}
        )
    if kid not in issuer.keys:
        said = _("%(issuer)s has no key “%(kid)s”.") % {"issuer": issuer.issuer, "kid": kid[:80]}
        raise WorkloadRefused(Reason.KEY, said)
    return bound(issuer.keys[kid], algorithm)


def bound(key: dict[str, Any], algorithm: str) -> PyJWK:
    """The key for this algorithm alone. Raises WorkloadRefused where it is not of the key's kind.

    An RSA key signs by any of six; that of a curve is one algorithm's.
    """
    if algorithm in ALGORITHMS.get(key["kty"], ()):
        made = PyJWK.from_dict(key, algorithm if key["kty"] == "RSA" else None)
        if made.algorithm_name == algorithm:
            return made
    said = _("A token that is signed with “%(algorithm)s” is not taken with this key.")
    raise WorkloadRefused(Reason.ALGORITHM, said % {"algorithm": algorithm[:20]})


def _read_again(issuer: TrustedIssuer, at: datetime) -> None:
    """Ask the issuer, where nobody did within the minute; what it says is kept for every process."""
    due = Q(keys_asked_at=None) | Q(keys_asked_at__lte=at - ASKED_AT_MOST)
    row = TrustedIssuer.objects.filter(pk=issuer.pk)
    if not row.filter(due).update(keys_asked_at=at):
        issuer.refresh_from_db()
        return
    try:
        found = read(issuer.issuer)
    except (OutgoingFailed, OutgoingRefused) as error:
        issuer.last_error = str(error)[:300]
        row.update(last_error=issuer.last_error)
        return
    with transaction.atomic():
        current = TrustedIssuer.objects.select_for_update(of=("self",), no_key=True).get(pk=issuer.pk)
        kept, changed = _pinned(current.keys, found)
        current.keys, current.keys_read_at = kept, at
        current.last_error = _changed(changed) if changed else ""
        current.save(update_fields=["keys", "keys_read_at", "last_error"])
    issuer.keys, issuer.keys_read_at, issuer.last_error = current.keys, at, current.last_error


def _pinned(known: dict[str, Any], found: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The keys that count now, and the names under which another key came than was known."""
    changed = [kid for kid, key in found.items() if kid in known and known[kid] != key]
    return {kid: known.get(kid, key) for kid, key in found.items()}, changed


def _changed(kids: list[str]) -> str:
    said = _("Under a name that is known (%(kids)s) came another key: it is not believed.")
    return (said % {"kids": ", ".join(kids)})[:300]


def read(issuer: str) -> dict[str, Any]:
    """The signing keys of an issuer by kid, as it publishes them. Raises OutgoingRefused and OutgoingFailed."""
    document = _document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    if document.get("issuer") != issuer:
        raise OutgoingFailed(_("What it publishes of itself names another issuer."))
    address = document.get("jwks_uri")
    if not isinstance(address, str):
        raise OutgoingFailed(_("What it publishes of itself names no keys (jwks_uri)."))
    listed = _document(address).get("keys")
    keys = [one for one in listed if isinstance(one, dict)][:MOST_KEYS] if isinstance(listed, list) else []
    found = {str(one["kid"]): _material(one) for one in keys if _is_ours_to_use(one)}
    if not found:
        raise OutgoingFailed(_("It publishes no key that could sign for a workload."))
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
