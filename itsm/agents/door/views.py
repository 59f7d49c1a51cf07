"""The door itself: what HTTP asks before a message is read, and how answers leave."""

import json
import logging
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from mcp_types import INVALID_PARAMS, INVALID_REQUEST, PARSE_ERROR, JSONRPCNotification, JSONRPCRequest
from pydantic import ValidationError
from rest_framework.exceptions import ParseError

from itsm.agents.door import methods
from itsm.agents.door.callers import caller_of
from itsm.agents.door.errors import AWAY, NOT_LET_IN, TOO_MANY, ProtocolError
from itsm.agents.door.revisions import is_modern, revision_of, revision_of_notification
from itsm.api.parsers import loads
from itsm.api.problems import RETRY_AFTER_SECONDS
from itsm.kernel.errors import said_by_the_database
from itsm.kernel.places import room_for_an_agent
from itsm.security_log import refusal_log

logger = logging.getLogger(__name__)
_PLAIN = ("", "identity")
_PATIENCE = 3.0  # seconds that an agent stands in line


@csrf_exempt  # a page of somebody else cannot send the token, and is refused by its Origin
def door(request: HttpRequest) -> HttpResponse:
    """One message of the protocol, answered as JSON; a notification is taken with 202 and no body."""
    try:
        _require_fit(request)
        with room_for_an_agent(_PATIENCE) as has_room:
            if not has_room:
                raise _busy()
            return _answered(request)
    except ProtocolError as error:
        return _refused(error, request)
    except UnreadablePostError:
        return _refused(ProtocolError(PARSE_ERROR, gettext("The body ended before it was whole.")), request)
    except (OperationalError, InterfaceError) as error:
        logger.warning("database busy or away at the agents' door: %s", said_by_the_database(error))
        again = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return _refused(ProtocolError(AWAY, gettext("Try again shortly."), status=503, headers=again), request)


def _busy() -> ProtocolError:
    """Said before anything is asked of the database: whoever comes too often costs least."""
    sentence = gettext("Many agents ask just now, and people are served first: ask again in a moment.")
    return ProtocolError(TOO_MANY, sentence, status=429, headers={"Retry-After": "1"})


def _answered(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    caller = caller_of(request, at)
    message = _message(request)
    if "id" not in message:
        return _taken(message, request)
    wanted = _request(message)
    try:
        revision = revision_of(message, request.headers)
        params = methods.understood(wanted.method, revision, wanted.params)
        request_id = str(getattr(request, "request_id", ""))
        asked = methods.Asked(revision, wanted.method, params, caller, at, request_id)
        result = methods.answer(asked)
    except ProtocolError as error:
        error.request_id = wanted.id
        if error.carried_by in (400, 404) and not is_modern(request.headers.get("Mcp-Protocol-Version", "")):
            error.carried_by = _of_old(error)
        raise
    return _sent({"jsonrpc": "2.0", "id": wanted.id, "result": result})


def _of_old(error: ProtocolError) -> int:
    """Before 2026-07-28 an answer to a request that was read is a 200, also where it is an error of JSON-RPC: clients
    take a 404 for the end of a session. What the headers say wrongly was a 400 then as well."""
    return 200 if error.carried_by == 404 or error.code == INVALID_PARAMS else error.carried_by


def _require_fit(request: HttpRequest) -> None:
    """Raises ProtocolError for what no message can be read from."""
    if request.method != "POST":
        # Neither streams nor sessions: there is nothing to listen to, and nothing to end.
        raise _of_http(405, gettext("Send messages by POST: there are no streams and no sessions."), {"Allow": "POST"})
    if not _is_ours(request):
        raise _of_http(403, gettext("Pages of other origins may not speak to this door."), code=NOT_LET_IN)
    if request.content_type != "application/json" or request.META.get("HTTP_CONTENT_ENCODING", "") not in _PLAIN:
        raise _of_http(415, gettext("Send application/json, not encoded."))
    if not _takes_json(request.headers.get("Accept", "*/*")):
        raise _of_http(406, gettext("Answers are application/json: name it in Accept."))


def _of_http(
    status: int, sentence: str, headers: dict[str, str] | None = None, *, code: int = INVALID_REQUEST
) -> ProtocolError:
    return ProtocolError(code, sentence, status=status, headers=headers)


def _is_ours(request: HttpRequest) -> bool:
    """A browser tells whose page asks. Whoever points a name of theirs at this machine is found out by it, as the
    Host was held against HEADROOM_ALLOWED_HOSTS."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    ours = urlsplit(settings.BASE_URL)
    return origin.lower() in (f"{ours.scheme}://{ours.netloc}".lower(), f"{request.scheme}://{request.get_host()}")


def _takes_json(accept: str) -> bool:
    named = {one.partition(";")[0].strip().lower() for one in accept.split(",")}
    return bool(named & {"*/*", "application/*", "application/json"})


def _message(request: HttpRequest) -> dict[str, Any]:
    try:
        message = loads(request.body)
    except ParseError as error:
        raise ProtocolError(PARSE_ERROR, str(error.detail)) from error
    if isinstance(message, list):
        raise ProtocolError(INVALID_REQUEST, gettext("Send one message at a time: batches are not taken."))
    if not isinstance(message, dict):
        raise ProtocolError(INVALID_REQUEST, gettext("A message is a JSON object."))
    return message


def _request(message: dict[str, Any]) -> JSONRPCRequest:
    try:
        return JSONRPCRequest.model_validate(message)
    except ValidationError as error:
        raise ProtocolError(
            INVALID_REQUEST, gettext("Send a request of JSON-RPC 2.0: jsonrpc, id (text or whole number), method.")
        ) from error


def _taken(message: dict[str, Any], request: HttpRequest) -> HttpResponse:
    """A notification: nothing is kept here that one could be about."""
    try:
        JSONRPCNotification.model_validate(message)
    except ValidationError as error:
        raise ProtocolError(INVALID_REQUEST, gettext("This is neither a request nor a notification.")) from error
    revision_of_notification(request.headers)
    return HttpResponse(status=202)


def _refused(error: ProtocolError, request: HttpRequest) -> HttpResponse:
    told: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.data is not None:
        told["data"] = error.data
    refusal_log(error.carried_by, "agents-door", request)
    response = _sent({"jsonrpc": "2.0", "id": error.request_id, "error": told}, error.carried_by)
    for name, value in error.headers.items():
        response[name] = value
    return response


def _sent(message: dict[str, Any], status: int = 200) -> HttpResponse:
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body.encode(), content_type="application/json", status=status)
