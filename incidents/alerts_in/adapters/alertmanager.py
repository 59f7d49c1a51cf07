"""Alertmanager's API (v2): what fires there now, and silences. It knows no database.

Measured with 0.25: a later end keeps a silence's id where its start is repeated to the second, other matchers make a
new one; deleting twice answers 200, an unknown id 500.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from itsm.notifications.credentials import credentials_of
from itsm.notifications.outgoing import OutgoingFailed, excerpt, fetch, json_of

TIMEOUT = 8.0


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, and by which credential (a bearer token) one signs in; "" for none."""

    url: str
    credential: str = ""

    def ask(self, method: str, path: str, body: Any = None, params: Mapping[str, str] | None = None) -> Any:
        """The answer's document, None where it has none. Raises OutgoingRefused, OutgoingFailed."""
        credentials = credentials_of("bearer", self.credential) if self.credential else credentials_of("none")
        answer = fetch(
            method, f"{self.url.rstrip('/')}{path}", params=params, credentials=credentials, timeout=TIMEOUT,
            body=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"} if body is not None else None,
        )  # fmt: skip
        if answer.status != 200:
            said = {"status": answer.status, "excerpt": excerpt(answer.body, credentials)}
            raise OutgoingFailed(_("Alertmanager answered %(status)d: %(excerpt)s") % said)
        return json_of(answer.body) if answer.body.strip() else None


def firing(server: Server) -> list[dict[str, Any]]:
    """What fires, each as the webhook would say it; `is_suppressed` where it is silenced or inhibited there.

    Raises as `ask`, OutgoingFailed.
    """
    found = server.ask("GET", "/api/v2/alerts")
    if not isinstance(found, list):
        raise OutgoingFailed(_("Alertmanager's answer is no list of alerts."))
    return [{**one, "status": "firing", "is_suppressed": _is_suppressed(one)} for one in found if isinstance(one, dict)]


def _is_suppressed(alert: Mapping[str, Any]) -> bool:
    status = alert.get("status")
    return isinstance(status, dict) and status.get("state") == "suppressed"


@dataclass(frozen=True, slots=True)
class Matcher:
    """One label that has exactly this value; an empty value: that is not there."""

    name: str
    value: str


def hold(
    server: Server, *, silence_id: str, matchers: Sequence[Matcher], starts_at: datetime, ends_at: datetime,
    comment: str,
) -> str:  # fmt: skip
    """Make a silence, or give the one of this id another end. Returns its id. Raises as `ask`, OutgoingFailed."""
    body = {
        "matchers": [{"name": one.name, "value": one.value, "isRegex": False, "isEqual": True} for one in matchers],
        "startsAt": starts_at.isoformat(), "endsAt": ends_at.isoformat(), "createdBy": "headroom", "comment": comment,
    }  # fmt: skip
    found = server.ask("POST", "/api/v2/silences", {**body, "id": silence_id} if silence_id else body)
    number = found.get("silenceID") if isinstance(found, dict) else None
    if not isinstance(number, str) or not number:
        raise OutgoingFailed(_("Alertmanager's answer names no silence."))
    return number[:64]


def lift(server: Server, silence_id: str) -> None:
    """End a silence now; one that is over already is fine. Raises as `ask`."""
    server.ask("DELETE", f"/api/v2/silence/{quote(silence_id, safe='')}")


@dataclass(frozen=True, slots=True)
class Silence:
    """One that is not over. Only who repeats its start may give it another end: else another one is made."""

    number: str
    starts_at: datetime


def held(server: Server, comment: str) -> list[Silence]:
    """The silences that are not over and whose comment begins so. Raises as `ask`, OutgoingFailed."""
    found = server.ask("GET", "/api/v2/silences")
    if not isinstance(found, list):
        raise OutgoingFailed(_("Alertmanager's answer is no list of silences."))
    ours = [one for one in found if isinstance(one, dict) and str(one.get("comment", "")).startswith(comment)]
    try:
        return [
            Silence(str(one["id"])[:64], datetime.fromisoformat(str(one["startsAt"]).replace("Z", "+00:00")))
            for one in ours
            if one["status"]["state"] != "expired"
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise OutgoingFailed(_("Alertmanager's answer is no list of silences.")) from error
