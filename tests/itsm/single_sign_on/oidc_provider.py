"""A provider of the tests' own that speaks OpenID Connect, honestly or not: `says` changes its ID token, `told` the rest."""

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

from tests.itsm.scripted_server import Asked, Reply, Scripted, scripted
from tests.itsm.workload_identity.issuer import public, rsa_key

CLIENT = "headroom"


class Provider:
    """`says`: claims of the ID token that differ (None: left out); `sign(claims)`: how it is signed; `metadata`: what its
    discovery document says instead; `info`: what userinfo answers; `status`: of every answer."""

    def __init__(self, server: Scripted) -> None:
        self.server, self.url = server, server.url
        self.says: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.info: dict[str, Any] = {}
        self.status = 200
        self.sign = self.honestly
        self.given: dict[str, dict[str, Any]] = {}  # code -> what was asked
        self.forms: list[dict[str, list[str]]] = []
        self.trusts: Any = None  # the public key of the desk, where it must sign
        self.keys = {"k1": public(rsa_key())}
        server.answer = self.answer

    def honestly(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, rsa_key(), algorithm="RS256", headers={"kid": "k1"})

    def answer(self, asked: Asked) -> Reply:
        path = urlsplit(asked.path).path
        said = getattr(self, path.strip("/").replace(".well-known/openid-configuration", "discovery"))(asked)
        return Reply(self.status, json.dumps(said).encode(), {"Content-Type": "application/json"})

    def discovery(self, asked: Asked) -> dict[str, Any]:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "userinfo_endpoint": "userinfo",
                "end_session_endpoint": "end", "jwks_uri": "jwks"}  # fmt: skip
        return {"issuer": self.url, **{name: f"{self.url}/{end}" for name, end in ends.items()}, **self.metadata}

    def jwks(self, asked: Asked) -> dict[str, Any]:
        return {"keys": [one | {"kid": kid, "use": "sig"} for kid, one in self.keys.items()]}

    def sign_in(self, address: str, **claims: Any) -> dict[str, str]:
        """Somebody signs in there: the query with which the browser comes back."""
        asked = {name: one[0] for name, one in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(12)
        self.given[code] = {**asked, "claims": claims}
        return {"code": code, "state": asked["state"]}

    def token(self, asked: Asked) -> dict[str, Any]:
        form = parse_qs(asked.body.decode())
        self.forms.append(form)
        if self.trusts is not None:
            self.checked(form)
        given = self.given.pop(form["code"][0])
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": "a-1", "iat": now, "exp": now + 300, "nonce": given["nonce"],
            "email": "ada@acme.test", "email_verified": True, "name": "Ada L.", "groups": [],
            **given["claims"], **self.says,
        }  # fmt: skip
        made = {name: value for name, value in claims.items() if value is not None}
        return {"id_token": self.sign(made), "access_token": "an-access-token", "token_type": "Bearer"}

    def checked(self, form: dict[str, list[str]]) -> dict[str, Any]:
        """What the desk says of itself in its assertion, held against its public key (RFC 7523)."""
        assert form["client_assertion_type"] == ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
        said: dict[str, Any] = jwt.decode(
            form["client_assertion"][0], self.trusts, algorithms=["RS256", "ES256"], issuer=CLIENT,
            subject=CLIENT, audience=f"{self.url}/token", options={"require": ["iss", "sub", "aud", "exp", "iat", "jti"]},
        )  # fmt: skip
        return said

    def userinfo(self, asked: Asked) -> dict[str, Any]:
        return {"sub": "a-1", **self.info}

    def logout_token(self, **changed: Any) -> str:
        now = int(time.time())
        event = {"http://schemas.openid.net/event/backchannel-logout": {}}
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": secrets.token_hex(8),
                  "sub": "a-1", "events": event, **changed}  # fmt: skip
        return self.honestly({name: value for name, value in claims.items() if value is not None})


@contextmanager
def playing() -> Iterator[Provider]:
    with scripted() as server:
        yield Provider(server)
