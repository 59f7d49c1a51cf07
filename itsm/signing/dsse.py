"""DSSE envelopes (v1) of one Ed25519 signature, and the key set (JWKS, RFC 8037) that verifies them.

Reading is strict: a member too many or too few, base64 that is not the one way to write its bytes, a key name that is
not the key's own is refused, so that there is no bit of an envelope that could be another one.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MEMBERS, _OF_SIGNATURES, _MOST = {"payload", "payloadType", "signatures"}, {"keyid", "sig"}, 1_000_000


class Unproven(ValueError):
    """It does not prove what it says; the words say why."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def key_id(key: Ed25519PublicKey) -> str:
    """A key's name: the thumbprint of its JWK (RFC 7638), in hexadecimal."""
    canonical = json.dumps(_jwk(key), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def key_set(*keys: Ed25519PublicKey) -> dict[str, Any]:
    """A JSON Web Key Set of public keys."""
    return {"keys": [_jwk(key) | {"kid": key_id(key), "use": "sig", "alg": "EdDSA"} for key in keys]}


def keys_of(document: Any) -> dict[str, Ed25519PublicKey]:
    """Key id -> public key, of a key set. Raises Unproven for what is none, or names a key otherwise than it is."""
    try:
        found = {}
        for one in document["keys"]:
            key = Ed25519PublicKey.from_public_bytes(_url_decoded(one["x"]))
            if (one["kty"], one["crv"], one["kid"]) != ("OKP", "Ed25519", key_id(key)):
                raise Unproven("A key of the set is not what it says that it is.")
            found[key_id(key)] = key
        return found
    except (TypeError, KeyError, AttributeError, binascii.Error) as error:
        raise Unproven("This is no set of public Ed25519 keys.") from error
    except ValueError as error:
        raise Unproven(str(error)) from error


def sealed(payload: bytes, key: Ed25519PrivateKey, payload_type: str = PAYLOAD_TYPE) -> dict[str, Any]:
    """An envelope around these bytes."""
    signature = key.sign(pae(payload_type, payload))
    return {
        "payloadType": payload_type,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}],
    }


def unsigned(payload: bytes, payload_type: str) -> dict[str, Any]:
    """An envelope that nobody signed: of a desk without a key."""
    return {"payloadType": payload_type, "payload": base64.b64encode(payload).decode(), "signatures": []}


def payload_of(envelope: bytes) -> bytes:
    """What an envelope holds, whoever signed it or did not. Raises Unproven for what is none."""
    document = _parsed(envelope)
    if not isinstance(document, dict) or document.keys() != _MEMBERS:
        raise Unproven("This is no DSSE envelope: it has other members.")
    return _decoded(document["payload"])


def opened(envelope: bytes, keys: Mapping[str, Ed25519PublicKey], payload_type: str = PAYLOAD_TYPE) -> bytes:
    """The bytes that one of these keys signed. Raises Unproven."""
    document = _parsed(envelope)
    if not isinstance(document, dict) or document.keys() != _MEMBERS:
        raise Unproven("This is no DSSE envelope: it has other members.")
    if document["payloadType"] != payload_type:
        raise Unproven("The envelope holds something else than an in-toto statement.")
    signatures = document["signatures"]
    if not isinstance(signatures, list) or len(signatures) != 1 or not isinstance(signatures[0], dict):
        raise Unproven("The envelope has not exactly one signature.")
    if signatures[0].keys() != _OF_SIGNATURES:
        raise Unproven("The signature has other members than its key's name and itself.")
    key = keys.get(str(signatures[0]["keyid"]))
    if key is None:
        raise Unproven("It was signed by a key that is not known here.")
    payload = _decoded(document["payload"])
    try:
        key.verify(_decoded(signatures[0]["sig"]), pae(payload_type, payload))
    except InvalidSignature as error:
        raise Unproven("The signature is not of these words: something was altered.") from error
    return payload


def _parsed(envelope: bytes) -> Any:
    if len(envelope) > _MOST:
        raise Unproven("The envelope is larger than any of ours.")
    try:
        return json.loads(envelope.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Unproven("This is no JSON.") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unproven("A member of the envelope is there twice.")
    return found


def _decoded(text: Any) -> bytes:
    """Base64 that is written the one way, so that no bit of it can be another one."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, TypeError) as error:
        raise Unproven("The envelope holds no base64 where it must.") from error
    if base64.b64encode(data).decode() != text:
        raise Unproven("The base64 of the envelope is not written as it must be.")
    return data


def _jwk(key: Ed25519PublicKey) -> dict[str, str]:
    public = base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
    return {"crv": "Ed25519", "kty": "OKP", "x": public}


def _url_decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
