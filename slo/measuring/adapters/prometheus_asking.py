"""One question to a Prometheus: signed in, patient with a server that is busy, never with a query that is wrong."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from itsm.notifications.credentials import NOBODY, Credentials
from itsm.notifications.outgoing import Answer, OutgoingFailed, TooSlow, excerpt, fetch, json_of
from slo.measuring.adapters.prometheus_answers import Broken, Refused, Unusable, data_of, expected_shape, says

TIMEOUT_SECONDS = 10.0
QUERY_TIMEOUT = "9s"  # so that a server stops working on what nobody waits for any more
PAUSES = (0.25, 1.0)  # seconds before the second and the third try
LONGEST_PAUSE = 5
LONGEST_IN_ADDRESS = 3_000  # characters of parameters; longer ones go as a form, since proxies cut addresses
_BUSY = {429, 502, 503, 504}
_WRONG_QUERY, _TOO_MUCH, _BROKEN = 400, 422, 500
_REFUSES_US = {401, 403}


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is, how to sign in, and headers to add (a tenant's, say)."""

    url: str
    credentials: Credentials = NOBODY
    headers: Mapping[str, str] = field(default_factory=dict)


def asked(server: Server, path: str, params: Mapping[str, str]) -> Any:
    """The JSON document of the answer; at worst three tries of ten seconds and two pauses of five.

    Raises OutgoingRefused, OutgoingFailed, or Unusable with the server's words about the query.
    """
    for pause in PAUSES:
        try:
            answer = _sent(server, path, params)
        except TooSlow:
            raise
        except OutgoingFailed:
            time.sleep(pause)
            continue
        wait = _wait(answer, pause)
        if wait is None:
            return _document(server, answer)
        time.sleep(wait)
    return _document(server, _sent(server, path, params))


def is_ready(server: Server) -> bool:
    """Whether it evaluates a query, the smallest one: that is what it is there for, whatever other pages say.

    Raises OutgoingRefused, OutgoingFailed and Unusable where it does not, since the reason matters to whoever asks.
    """
    with expected_shape("query"):
        return bool(data_of(asked(server, "/api/v1/query", {"query": "1"}), server.credentials.without_secrets))


def _sent(server: Server, path: str, params: Mapping[str, str]) -> Answer:
    form = urlencode(params)
    if len(form) <= LONGEST_IN_ADDRESS:
        return _fetched(server, "GET", path, params)
    return _fetched(server, "POST", path, {}, form.encode("ascii"))


def _fetched(
    server: Server, method: str, path: str, params: Mapping[str, str], form: bytes | None = None
) -> Answer:  # fmt: skip
    """Parameters that the source's own address carries go with every question."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    base, _question, own = server.url.partition("?")
    address = base.rstrip("/") + path + (f"?{own}" if own else "")
    return fetch(
        method, address, params=params, body=form, headers={**server.headers, **kind},
        credentials=server.credentials, timeout=TIMEOUT_SECONDS,
    )  # fmt: skip


def _wait(answer: Answer, pause: float) -> float | None:
    """Seconds until it is worth asking again; None if it is not."""
    if answer.status not in _BUSY or _error_of(answer).get("errorType") == "timeout":
        return None
    wanted = answer.headers.get("retry-after", "")
    if not (wanted.isascii() and wanted.isdigit()):
        return pause
    return max(pause, int(wanted)) if len(wanted) < 4 and int(wanted) <= LONGEST_PAUSE else None


def _document(server: Server, answer: Answer) -> Any:
    if answer.status == 200:
        return json_of(answer.body)
    error = _error_of(answer)
    is_timeout = error.get("errorType") == "timeout"
    if error and (answer.status in {_WRONG_QUERY, _TOO_MUCH} or is_timeout):
        kind = Refused if is_timeout or answer.status == _TOO_MUCH else Unusable
        raise says(error.get("error") or error.get("errorType"), server.credentials.without_secrets, kind)
    words = {"status": answer.status, "excerpt": excerpt(answer.body, server.credentials) or _("nothing more")}
    if answer.status in _REFUSES_US and server.credentials.auth != "none":
        raise OutgoingFailed(_("The server refuses the credential (%(status)d): %(excerpt)s") % words)
    kind_of_failure = Broken if answer.status == _BROKEN else OutgoingFailed
    raise kind_of_failure(_("The server answered %(status)d: %(excerpt)s") % words)


def _error_of(answer: Answer) -> Mapping[str, Any]:
    """Prometheus' description of what went wrong; empty if somebody else (a proxy) answered."""
    try:
        found = json_of(answer.body)
    except OutgoingFailed:
        return {}
    return found if isinstance(found, dict) and found.get("status") == "error" else {}
