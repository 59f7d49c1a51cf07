"""Programs register themselves (RFC 7591): names and where the browser goes back to. It lets nobody in."""

from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc7591 import ClientMetadataClaims, InvalidClientMetadataError
from django.utils.crypto import get_random_string, salted_hmac
from joserfc.errors import JoseError

from itsm.kernel import strangers
from itsm.oauth import redirects
from itsm.oauth.models import GRANT_TYPES, OAuthClient
from itsm.oauth.naming import LONGEST

AN_HOUR = timedelta(hours=1)
MOST_FROM_ONE = 20  # of one address, in an hour
MOST = 500  # of all
FORGOTTEN_AFTER = timedelta(days=7)
LARGEST = 20_000  # bytes


class InvalidRedirectUriError(OAuth2Error):
    error = "invalid_redirect_uri"


class TooManyError(OAuth2Error):
    error = "temporarily_unavailable"
    status_code = 429
    description = "Too many clients registered within the hour. Use one of those, or try again later."


def register(body: bytes, address: str, at: datetime) -> dict[str, Any]:
    """Keep a client as its document describes it; what it is answered: RFC 7591, 3.2.1. Raises OAuth2Error."""
    said = document(body)
    uris = said.get("redirect_uris")
    if not isinstance(uris, list) or not 1 <= len(uris) <= redirects.MOST:
        raise InvalidRedirectUriError("Send 1 to 5 redirect_uris.")
    if not all(isinstance(one, str) and redirects.is_allowed(one) for one in uris):
        raise InvalidRedirectUriError(redirects.SAFE)
    name = name_in(said)
    refuse_many(address, at)
    client = OAuthClient.objects.create(
        client_id=f"hrc_{get_random_string(24)}", name=name, redirect_uris=uris, registered_at=at,
        registered_from=hashed(address),
    )  # fmt: skip
    return {
        "client_id": client.client_id, "client_id_issued_at": int(at.timestamp()), "client_name": client.name,
        "redirect_uris": client.redirect_uris, "token_endpoint_auth_method": "none",
        "grant_types": list(GRANT_TYPES), "response_types": ["code"],
        "scope": client.get_allowed_scope(said.get("scope")),
    }  # fmt: skip


def document(body: bytes) -> dict[str, Any]:
    """What describes a client, as far as the standard's own rules go. Raises OAuth2Error."""
    if len(body) > LARGEST:
        raise InvalidClientMetadataError("At most 20000 bytes describe a client.")
    try:
        said = strangers.read(body)
    except (ValueError, RecursionError) as error:
        raise InvalidClientMetadataError("A client is described by a JSON object.") from error
    if not isinstance(said, dict) or not isinstance(said.get("scope", ""), str):
        raise InvalidClientMetadataError("A client is described by a JSON object.")
    try:
        ClientMetadataClaims(said, {}, {}, {}).validate()
    except JoseError as error:
        raise InvalidClientMetadataError("A member of the document does not hold what it should.") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidClientMetadataError("A member of the document is of another type than it should.") from error
    return said


def name_in(said: dict[str, Any]) -> str:
    """What the client calls itself, on one line; "" where it says nothing. Raises OAuth2Error."""
    name = said.get("client_name", "")
    if not isinstance(name, str) or len(name) > LONGEST:
        raise InvalidClientMetadataError("client_name is a text of at most 100 characters.")
    return " ".join(name.split())


def refuse_many(address: str, at: datetime, *, of_documents: bool = False) -> None:
    """Raise OAuth2Error where this address, or all together, brought many clients within the hour.

    `of_documents`: those that people who are signed in brought, which strangers who register use up nothing of.
    """
    lately = OAuthClient.objects.filter(registered_at__gt=at - AN_HOUR, read_at__isnull=not of_documents)
    if lately.filter(registered_from=hashed(address)).count() >= MOST_FROM_ONE or lately.count() >= MOST:
        raise TooManyError()


def hashed(address: str) -> str:
    """From where a client was brought, to count by."""
    return salted_hmac("itsm.oauth.registering", address, algorithm="sha256").hexdigest()
