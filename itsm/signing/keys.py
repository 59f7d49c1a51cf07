"""The key that this desk signs with: decisions, the heads of its history (Ed25519, RFC 8032).

It follows from one secret, HEADROOM_SIGNING_KEY, which `make run` and `make secrets` make once and keep with the
others. Another secret is another signer: who keeps statements keeps the key set that was published with them.
"""

from functools import cache

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def is_available() -> bool:
    """Whether this desk has a key to sign with."""
    return bool(settings.SIGNING_KEY)


def private_key() -> Ed25519PrivateKey:
    """What signs; only where it `is_available`."""
    return _key(settings.SIGNING_KEY)


def public_keys() -> list[Ed25519PublicKey]:
    """What verifies; none without a secret."""
    return [private_key().public_key()] if is_available() else []


@cache
def _key(secret: str) -> Ed25519PrivateKey:
    seed = HKDF(hashes.SHA256(), 32, None, b"headroom signed statements").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(seed)
