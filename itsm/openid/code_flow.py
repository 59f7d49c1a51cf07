"""Sending somebody elsewhere to sign in: an authorization code (RFC 6749) bound by PKCE (RFC 7636)."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit


def _random() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Begun:
    """What who began keeps, and nobody else knows: 256 bits each."""

    state: str = field(default_factory=_random)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(64))
    nonce: str = field(default_factory=_random)

    @property
    def challenge(self) -> str:
        """What is shown of the verifier before it is asked for (S256)."""
        digest = hashlib.sha256(self.verifier.encode("ascii")).digest()
        return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def address(authorize_url: str, begun: Begun, **asked: str) -> str:
    """Where the browser goes: the issuer's address with its own words, and with ours that are not empty."""
    words = {
        "response_type": "code", **{name: value for name, value in asked.items() if value}, "state": begun.state,
        "code_challenge": begun.challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return with_words(authorize_url, words)


def with_words(url: str, words: Mapping[str, str]) -> str:
    """The address with these words added to its query."""
    parts = urlsplit(url)
    return parts._replace(query="&".join(filter(None, (parts.query, urlencode(words)))), fragment="").geturl()
