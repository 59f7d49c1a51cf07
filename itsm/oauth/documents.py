"""Clients that are known by an address of theirs: what stands there says how the program is called and where the
browser goes back to (draft-ietf-oauth-client-id-metadata-document; MCP asks for it since 2025-11-25).

It is read through the guarded client, where a person is asked and nowhere else, and counts for as long as its server
says, between five minutes and a day. What cannot be read, or is not as it should be, is not kept.
"""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7591 import InvalidClientMetadataError
from django.db import transaction

from itsm.audit.recording import record_event
from itsm.configuration import reading
from itsm.kernel.actors import Actor
from itsm.kernel.places import room_to_wait
from itsm.notifications import outgoing
from itsm.notifications.outgoing import Answer, OutgoingFailed, OutgoingRefused
from itsm.oauth import redirects, registering
from itsm.oauth.families import OAUTH
from itsm.oauth.models import OAuthClient, OAuthGrant

AN_ADDRESS = "https://"
LARGEST = 5 * 1024  # bytes: what the draft recommends
SECONDS = 5.0
MOST_ADDRESSES = 20
LEAST_FRESH, USUALLY_FRESH, LONGEST_FRESH = timedelta(minutes=5), timedelta(hours=1), timedelta(days=1)
_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})")
_NOT_KEPT = re.compile(r"\bno-(?:store|cache)\b")
# Whoever is signed in can have an address asked for: few at once, so that nobody holds up the pages of others by it.
_AT_ONCE = threading.BoundedSemaphore(2)
_asking: set[int | None] = set()  # accounts, each once: what answers slowly holds one place and not all of them
_ASKING = threading.Lock()
_INSTEAD = (
    "Where this desk reaches nothing outside, an administrator turns HEADROOM_CLIENT_DOCUMENTS off under Settings: "
    "programs then register by themselves."
)


class UnreadError(InvalidClientError):
    """Nobody can say who asks: what stands at its address could not be had."""


class BusyError(OAuth2Error):
    error = "temporarily_unavailable"
    status_code = 503
    description = "This desk is reading other addresses just now. Try again in a moment."


def look_up(client_id: str, *, asker: Actor, at: datetime) -> None:
    """See to it that what is known of a client that is known by its address is fresh; others are left alone.

    Raises OAuth2Error (invalid_client, invalid_client_metadata, temporarily_unavailable) with a sentence.
    """
    if not client_id.startswith(AN_ADDRESS):
        return
    if not reading.client_documents():
        raise InvalidClientError("Programs register with this desk (RFC 7591); it reads no documents of theirs.")
    _refuse_odd(client_id)
    known = OAuthClient.objects.filter(client_id=client_id).first()
    if known is not None and known.fresh_until is not None and at < known.fresh_until:
        return
    asked_by = f"account {asker.account_id}"
    if known is None:
        registering.refuse_many(asked_by, at, of_documents=True)
    answer = _fetched(client_id, asker)
    name, uris = _described(client_id, answer)
    _keep(client_id, name, uris, asked_by, at, _good_for(answer))


def told(client: OAuthClient) -> str:
    """What a client says of itself, in short, so that a yes to something else is noticed; "" where it never changes."""
    if not client.host:
        return ""
    said = json.dumps([client.name, sorted(client.redirect_uris)])
    return hashlib.sha256(said.encode()).hexdigest()


def changed_since(client: OAuthClient, actor: Actor) -> OAuthGrant | None:
    """This person's newest yes to it, where it has named other addresses to go back to since; else None."""
    if client.changed_at is None:
        return None
    newest = client.grants.filter(agent__account__owner=actor.id).order_by("-granted_at").first()
    return newest if newest is not None and newest.granted_at < client.changed_at else None


def _refuse_odd(client_id: str) -> None:
    """An address as the draft wants it: https with a path, no step of which is `.` or `..`, as it is written."""
    path = urlsplit(client_id).path if redirects.is_allowed(client_id) else ""
    if not path or {".", ".."} & set(unquote(path).split("/")):
        raise InvalidClientError(
            "A client_id that is an address is https with a path, at most 400 characters, without fragment, "
            "credentials, or steps of dots."
        )


def _fetched(client_id: str, asker: Actor) -> Answer:
    try:
        with _room(asker.account_id):
            answer = outgoing.fetch(
                "GET", client_id, headers={"Accept": "application/json"}, timeout=SECONDS, cut_at=LARGEST,
                only_named=True,
            )  # fmt: skip
    except (OutgoingRefused, OutgoingFailed) as error:
        raise UnreadError(_ascii(f"The address of this client cannot be read: {error} {_INSTEAD}")) from error
    if answer.status != 200:
        raise UnreadError(f"The address of this client answers {answer.status}, not 200; redirects are not followed.")
    if answer.is_cut:
        raise InvalidClientMetadataError(f"What stands at this client's address is longer than {LARGEST} bytes.")
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise InvalidClientMetadataError("What stands at this client's address is not served as application/json.")
    return answer


@contextmanager
def _room(account_id: int | None) -> Iterator[None]:
    """While somebody else's server is asked, others work in this one's place."""
    with _ASKING:
        if account_id in _asking or not _AT_ONCE.acquire(blocking=False):
            raise BusyError()
        _asking.add(account_id)
    try:
        with room_to_wait():
            yield
    finally:
        _asking.discard(account_id)
        _AT_ONCE.release()


def _described(client_id: str, answer: Answer) -> tuple[str, list[str]]:
    """The name, and where the browser may be sent back to: of the addresses those that anybody may be sent to."""
    said = registering.document(answer.body)
    if said.get("client_id") != client_id:
        raise InvalidClientMetadataError("The document names another client_id than the address that it stands at.")
    if said.get("token_endpoint_auth_method") not in ("none", None) or "client_secret" in said:
        raise InvalidClientMetadataError(
            "This desk takes public clients: token_endpoint_auth_method is none, and there is no client_secret."
        )
    for member, wanted in (("grant_types", "authorization_code"), ("response_types", "code")):
        if wanted not in _texts(said, member, [wanted]):
            raise InvalidClientMetadataError(f"The document's {member} do not hold {wanted}.")
    name = registering.name_in(said)
    if not name:
        raise InvalidClientMetadataError("The document says no client_name.")
    uris = [one for one in _texts(said, "redirect_uris", []) if redirects.is_allowed(one)]
    if not 1 <= len(uris) <= MOST_ADDRESSES:
        raise registering.InvalidRedirectUriError(
            f"The document names 1 to {MOST_ADDRESSES} redirect_uris. {redirects.SAFE}"
        )
    return name, uris


def _texts(said: dict[str, Any], member: str, default: list[str]) -> list[str]:
    found = said.get(member, default)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise InvalidClientMetadataError(f"The document's {member} are a list of texts.")
    return found


def _good_for(answer: Answer) -> timedelta:
    """How long it counts (RFC 9111), within bounds of ours."""
    said = answer.headers.get("cache-control", "").lower()
    if _NOT_KEPT.search(said):
        return LEAST_FRESH
    found = _AGE.search(said)
    if found is None:
        return USUALLY_FRESH
    age = answer.headers.get("age", "").strip()
    spent = int(age[:9]) if age.isascii() and age.isdigit() else 0
    return min(max(timedelta(seconds=int(found[1]) - spent), LEAST_FRESH), LONGEST_FRESH)


@transaction.atomic
def _keep(client_id: str, name: str, uris: list[str], asked_by: str, at: datetime, good_for: timedelta) -> None:
    """What it says now counts from now on. Consents that were given stay, and the history tells what is otherwise."""
    read = {"name": name, "redirect_uris": uris, "read_at": at, "fresh_until": at + good_for}
    known = OAuthClient.objects.select_for_update(no_key=True).filter(client_id=client_id).first()
    if known is None:
        first = {**read, "registered_at": at, "registered_from": registering.hashed(asked_by)}
        OAuthClient.objects.get_or_create(client_id=client_id, defaults=first)
        return
    changes: dict[str, list[object]] = {
        field: [before, after]
        for field, before, after in (("name", known.name, name), ("redirect_uris", known.redirect_uris, uris))
        if before != after
    }
    if {*known.redirect_uris} != {*uris}:
        read["changed_at"] = at
    OAuthClient.objects.filter(pk=known.pk).update(**read)
    if changes:
        record_event("oauth_client.changed", known, actor=OAUTH, changes=changes)


def _ascii(text: str) -> str:
    """As RFC 6749 has sentences in errors."""
    plain = "".join(one if " " <= one <= "~" and one not in '"\\' else "'" for one in text)
    return " ".join(plain.split())
