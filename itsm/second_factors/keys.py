"""Security keys and passkeys (WebAuthn), for this desk's own address alone.

A challenge is signed, not stored: it says for whom and for what it is, and only the browser that asked for it can
answer it, for five minutes, once. So whoever asks for a million of them costs nothing.
"""

import hashlib
import hmac
import ipaddress
import json
import secrets
import time
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from itsm.accounts.models import User
from itsm.second_factors.models import SecurityKey, UsedChallenge

GOOD_FOR = 300  # seconds
LONGEST = 20_000  # of an answer, as text
# What the libraries raise for answers that are none.
_NO_ANSWER = (
    ValueError, KeyError, TypeError, IndexError, AttributeError, AssertionError, OverflowError, RecursionError,
    NotImplementedError,
)  # fmt: skip


class Purpose(StrEnum):
    """What an answer is for: one that was given for one thing is worth nothing for another."""

    SIGN_IN = "sign-in"
    SECOND = "second"
    STEP_UP = "step-up"
    ADD_KEY = "add-key"
    ADD_PASSKEY = "add-passkey"


class Copied(Exception):
    """A key counted backwards: there are two of it."""

    def __init__(self, key: SecurityKey) -> None:
        super().__init__(key.name)
        self.key = key


def possible() -> bool:
    """Whether browsers use keys at this desk's address at all: it has a name, and https unless it is this machine."""
    parts = urlsplit(settings.BASE_URL)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return parts.scheme == "https" or host == "localhost" or host.endswith(".localhost")
    return False


def options_to_add(request: HttpRequest, user: User, purpose: Purpose) -> dict[str, Any]:
    """What the browser is told to make a new key of this person."""
    passkey = purpose is Purpose.ADD_PASSKEY
    made, _state = _server().register_begin(
        PublicKeyCredentialUserEntity(name=user.username, id=_handle(user.pk), display_name=str(user)),
        _described(user.pk),
        resident_key_requirement=ResidentKeyRequirement.REQUIRED if passkey else ResidentKeyRequirement.DISCOURAGED,
        user_verification=_verification(purpose),
        challenge=_challenge(request, purpose, user.pk),
    )
    return dict(made)


def options_to_ask(request: HttpRequest, purpose: Purpose, user_id: int | None) -> dict[str, Any]:
    """What the browser is told to ask a key of this person; of a passkey (None) that says itself whose it is."""
    made, _state = _server().authenticate_begin(
        None if user_id is None else _described(user_id),
        user_verification=_verification(purpose),
        challenge=_challenge(request, purpose, user_id),
    )
    return dict(made)


def added(request: HttpRequest, user: User, purpose: Purpose, answer: str) -> AuthenticatorData | None:
    """What the browser made; None where the answer is no good."""
    said = _read(answer)
    challenge = _answered(said, request, purpose, user.pk)
    if said is None or challenge is None:
        return None
    try:
        return _server().register_complete(_state(challenge, purpose), said)
    except _NO_ANSWER:
        return None


def shown(request: HttpRequest, purpose: Purpose, user_id: int | None, answer: str, at: datetime) -> SecurityKey | None:
    """The key that answered: one of this person, or (None) anybody's passkey. None where the answer is no good.

    Raises Copied where it counts backwards.
    """
    said = _read(answer)
    challenge = _answered(said, request, purpose, user_id)
    key = _named(said, user_id)
    if said is None or challenge is None or key is None:
        return None
    try:
        parsed = AuthenticationResponse.from_dict(said)
        credential = AttestedCredentialData(bytes(key.public_key))
        _server().authenticate_complete(_state(challenge, purpose), [credential], parsed)
        count = parsed.response.authenticator_data.counter
    except _NO_ANSWER:
        return None
    return key if _spend(challenge, at) and _counted(key, count, at) else None


def _named(said: dict[str, Any] | None, user_id: int | None) -> SecurityKey | None:
    try:
        credential_id = websafe_decode(said["rawId"]) if said is not None else b""
    except _NO_ANSWER:
        return None
    known = SecurityKey.objects.filter(credential_id=credential_id, user__is_active=True).select_related("user")
    return (known.filter(passkey=True) if user_id is None else known.filter(user_id=user_id)).first()


def _counted(key: SecurityKey, count: int, at: datetime) -> bool:
    """Keys count their answers, passkeys that are in several devices stay at zero."""
    fresh = SecurityKey.objects.filter(pk=key.pk, sign_count__lt=count)
    if count == 0:
        fresh = SecurityKey.objects.filter(pk=key.pk, sign_count=0)
    if fresh.update(sign_count=count, last_used_at=at) == 1:
        return True
    raise Copied(key)


def spend_of(answer: str, at: datetime) -> bool:
    """Whether an answer that was found good comes for the first time: its challenge is spent."""
    said = _read(answer)
    if said is None:
        return False
    return _spend(websafe_decode(json.loads(websafe_decode(said["response"]["clientDataJSON"]))["challenge"]), at)


def _spend(challenge: bytes, at: datetime) -> bool:
    try:
        with transaction.atomic():
            UsedChallenge.objects.create(digest=hashlib.sha256(challenge).hexdigest(), used_at=at)
    except IntegrityError:
        return False
    return True


def _read(answer: str) -> dict[str, Any] | None:
    if not answer or len(answer) > LONGEST:
        return None
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def _answered(said: dict[str, Any] | None, request: HttpRequest, purpose: Purpose, user_id: int | None) -> bytes | None:
    """The challenge that was answered, where it is one that we gave this browser for this."""
    try:
        client = json.loads(websafe_decode(said["response"]["clientDataJSON"])) if said is not None else {}
        challenge = websafe_decode(client["challenge"])
    except _NO_ANSWER:
        return None
    made, signed = challenge[:-16], challenge[-16:]
    if len(made) != 24 or not hmac.compare_digest(signed, _signature(made, request, purpose, user_id)):
        return None
    return challenge if 0 <= time.time() - int.from_bytes(made[:8], "big") <= GOOD_FOR else None


def _challenge(request: HttpRequest, purpose: Purpose, user_id: int | None) -> bytes:
    made = int(time.time()).to_bytes(8, "big") + secrets.token_bytes(16)
    return made + _signature(made, request, purpose, user_id)


def _signature(made: bytes, request: HttpRequest, purpose: Purpose, user_id: int | None) -> bytes:
    browser = request.session.session_key or request.META.get("CSRF_COOKIE") or ""
    said = f"{made.hex()}:{purpose}:{user_id}:{browser}"
    return bytes(salted_hmac("itsm.second_factors.challenge", said, algorithm="sha256").digest())[:16]


def _state(challenge: bytes, purpose: Purpose) -> dict[str, Any]:
    return {"challenge": websafe_encode(challenge), "user_verification": _verification(purpose)}


def _verification(purpose: Purpose) -> UserVerificationRequirement:
    alone = purpose in (Purpose.SIGN_IN, Purpose.ADD_PASSKEY)
    return UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.DISCOURAGED


def _described(user_id: int) -> list[PublicKeyCredentialDescriptor]:
    known = SecurityKey.objects.filter(user_id=user_id).values_list("credential_id", flat=True)
    return [PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes(one)) for one in known]


def _handle(user_id: int) -> bytes:
    """By what a passkey knows whose it is: it says nothing to anybody else."""
    return bytes(salted_hmac("itsm.second_factors.handle", str(user_id), algorithm="sha256").digest())


def _server() -> Fido2Server:
    parts = urlsplit(settings.BASE_URL)
    origin = f"{parts.scheme}://{parts.netloc}"
    rp = PublicKeyCredentialRpEntity(name="Headroom", id=parts.hostname or "localhost")
    return Fido2Server(rp, verify_origin=lambda said: said == origin)
