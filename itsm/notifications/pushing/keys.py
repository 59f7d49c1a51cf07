"""The instance's own keys, by which push services know who sends (VAPID, RFC 8292).

They follow from one secret, HEADROOM_WEB_PUSH_KEY, which `make run` and `make secrets` make once and keep with the
others. Another secret is another sender: browsers have to be asked anew.
"""

import base64
import hmac
import json
import time
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache, lru_cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from itsm.configuration.reading import MailServer
from itsm.notifications.credentials import Credentials

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (SEC 2, 2.4.2)
_GOOD_FOR = 12 * 3600  # seconds; RFC 8292 allows 24 hours


@dataclass(frozen=True, repr=False)
class Sender(Credentials):
    """What signs a push in: sent as it is, and only where nobody listens."""

    @property
    def authorization(self) -> dict[str, str]:
        return {"Authorization": self.secret}


def is_available() -> bool:
    """Whether this instance has a key to send with."""
    return bool(settings.WEB_PUSH_KEY)


def public_key() -> str:
    """What browsers are told who may send to them (base64url); "" without a key."""
    return _public(settings.WEB_PUSH_KEY) if is_available() else ""


def sender_for(endpoint: str) -> Sender:
    """The signature for one push service: good for eleven hours at least, and the same for an hour."""
    parts = urlsplit(endpoint)
    hour = int(time.time()) // 3600 * 3600
    return _sender(settings.WEB_PUSH_KEY, f"{parts.scheme}://{parts.netloc}", hour + _GOOD_FOR, _contact())


def topic_of(tag: str) -> str:
    """A tag as push services may know it, which carry it in the clear: the same for the same, and nothing else."""
    return encoded(hmac.digest(settings.WEB_PUSH_KEY.encode(), tag.encode(), "sha256")[:24])


@lru_cache(maxsize=50)
def _sender(key: str, service: str, until: int, contact: str) -> Sender:
    """Services advise to send the same one again: they need not check it anew."""
    signed = f"{_json({'typ': 'JWT', 'alg': 'ES256'})}.{_json({'aud': service, 'exp': until, 'sub': contact})}"
    first, second = decode_dss_signature(_key(key).sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    token = f"{signed}.{encoded(first.to_bytes(32, 'big') + second.to_bytes(32, 'big'))}"
    return Sender(auth="bearer", name="web push", secret=f"vapid t={token}, k={_public(key)}")


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Of base64 as browsers send it, with or without its end. Raises ValueError."""
    return base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)


def _contact() -> str:
    """Whom a push service writes to about us: the sender of our mails, else our address."""
    _name, address = parseaddr(MailServer().sender)
    return f"mailto:{address}" if "@" in address else str(settings.BASE_URL)


@cache
def _key(secret: str) -> ec.EllipticCurvePrivateKey:
    # 48 bytes for a number of 32: what is left after dividing is even to 2**-128 (FIPS 186-5, A.2.1).
    derived = HKDF(hashes.SHA256(), 48, None, b"headroom web push").derive(secret.encode())
    return ec.derive_private_key(int.from_bytes(derived, "big") % (_ORDER - 1) + 1, ec.SECP256R1())


@cache
def _public(secret: str) -> str:
    point = serialization.PublicFormat.UncompressedPoint
    return encoded(_key(secret).public_key().public_bytes(serialization.Encoding.X962, point))


def _json(said: dict[str, object]) -> str:
    return encoded(json.dumps(said, separators=(",", ":")).encode())
