"""Secrets at rest: encrypted with a key that is derived from the instance's own, so that a copy of the tables opens
nothing. A changed instance key finds what was sealed before by SECRET_KEY_FALLBACKS."""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes


class Unreadable(Exception):
    """It was sealed with a key that this instance does not have."""


def seal(secret: str) -> str:
    """What is kept of it."""
    return _keys().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """What was sealed. Raises Unreadable."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Unreadable from error


def is_readable(sealed: str) -> bool:
    """Whether this instance has its key."""
    try:
        unseal(sealed)
    except Unreadable:
        return False
    return True


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(_derived(one)) for one in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(key: str | bytes) -> bytes:
    made = HKDF(SHA256(), 32, None, b"itsm.second_factors").derive(force_bytes(key))
    return base64.urlsafe_b64encode(made)
