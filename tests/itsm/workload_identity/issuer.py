"""An issuer of the tests' own: it publishes keys over HTTP as GitHub and GitLab do, and signs with them for real."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from tests.itsm.scripted_server import Asked, Reply, Scripted, scripted

OURS = "https://desk.example"
WORKLOAD = {
    "sub": "repo:acme/checkout:environment:production",
    "repository": "acme/checkout",
    "ref": "refs/heads/main",
    "environment": "production",
    "workflow": "deploy",
}


@cache
def rsa_key(name: str = "one", bits: int = 2048) -> rsa.RSAPrivateKey:
    """Made once in a run: it takes a tenth of a second."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@cache
def ec_key(name: str = "one") -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


class Issuer:
    """`keys`: what it publishes, by kid; `says`: what its discovery document says instead."""

    def __init__(self, server: Scripted) -> None:
        self.server = server
        self.url = server.url
        self.keys: dict[str, dict[str, Any]] = {"k1": public(rsa_key()), "e1": public(ec_key())}
        self.says: dict[str, Any] = {}
        self.status = 200
        server.answer = self.answer

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/.well-known/openid-configuration":
            said: Any = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | self.says
        else:
            said = {"keys": [one | {"kid": kid, "use": "sig"} for kid, one in self.keys.items()]}
        return Reply(self.status, json.dumps(said).encode(), {"Content-Type": "application/json"})

    def claims(self, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        said = {"iss": self.url, "aud": OURS, "iat": now, "nbf": now, "exp": now + 300, "jti": secrets.token_hex(8)}
        made = {**said, **WORKLOAD, **changed}
        return {name: value for name, value in made.items() if value is not None}

    def token(
        self, *, key: Any = None, alg: str = "RS256", header: dict[str, Any] | None = None, **changed: Any
    ) -> str:
        """Signed as it says. A claim that is None is left out."""
        head = {"kid": "k1", **(header or {})}
        return jwt.encode(self.claims(**changed), key or rsa_key(), algorithm=alg, headers=head)


def public(key: Any) -> dict[str, Any]:
    """Its public half as a JWK."""
    algorithm = RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else ECAlgorithm
    return {name: value for name, value in json.loads(algorithm.to_jwk(key.public_key())).items() if name != "key_ops"}


def by_hand(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None = None) -> str:
    """What no honest library signs: `alg` none, or HS256 with whatever bytes."""
    parts = [encoded(json.dumps(one).encode()) for one in (header, claims)]
    said = ".".join(parts)
    signature = b"" if secret is None else hmac.digest(secret, said.encode(), hashlib.sha256)
    return f"{said}.{encoded(signature)}"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def playing() -> Iterator[Issuer]:
    with scripted() as server:
        yield Issuer(server)
