"""Is it up? One look from here at a web address or a port, good or bad with the reason.

Redirects are not followed: a 3xx is a status like any other. What is ours to mend (a private address that
nobody listed, an authority that we do not know, our resolver, our network) is no outage of theirs.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from django.utils.translation import gettext as _

from itsm.notifications.credentials import NOBODY, Credentials, credentials_of
from itsm.notifications.outgoing import (
    Answer,
    OurFault,
    OutgoingFailed,
    OutgoingRefused,
    Unreachable,
    connect_tcp,
    fetch,
)
from slo.measuring.adapters.expected_statuses import shown, statuses_of

MAX_BYTES = 1_000_000  # of the body; a text that must be there is looked for in these


@dataclass(frozen=True, slots=True)
class HttpCheck:
    """Ask for a page. `must_contain` is looked for as UTF-8, as it stands; `most_ms` 0 sets no limit."""

    url: str
    method: Literal["GET", "HEAD"] = "GET"
    expected_status: str = "200-299"
    must_contain: str = ""
    most_ms: int = 0
    timeout_s: float = 10.0
    headers: Mapping[str, str] = field(default_factory=dict)
    authority: str = ""  # whose certificate to trust: the name of a file in HEADROOM_SECRETS_DIR, without its ".ca"
    credentials: Credentials = NOBODY


@dataclass(frozen=True, slots=True)
class TcpCheck:
    """Connect to a port."""

    host: str
    port: int
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`is_refused`: we would not or could not ask as told, so it says nothing about the target: do not count it."""

    is_good: bool
    reason: str
    elapsed_ms: int
    is_refused: bool = False


def run(check: HttpCheck | TcpCheck) -> Outcome:
    """Look once. Never raises; ends within the check's timeout, the look-up of the name included."""
    began = time.monotonic()
    is_refused = False
    try:
        reason = _fault_of_page(check) if isinstance(check, HttpCheck) else _fault_of_port(check)
    except OurFault as error:
        reason, is_refused = str(error), True
    except Unreachable as error:
        reason = _("%(what)s From here it cannot be told whether their side or our own network is at fault.") % {
            "what": error
        }
    except OutgoingFailed as error:
        reason = str(error)
    except (OutgoingRefused, ValueError) as error:
        reason, is_refused = str(error), True
    return Outcome(not reason, reason, int((time.monotonic() - began) * 1000), is_refused)


def _fault_of_port(check: TcpCheck) -> str:
    connect_tcp(check.host, check.port, check.timeout_s)
    return ""


def _fault_of_page(check: HttpCheck) -> str:
    """What is wrong with the answer; empty if nothing is. ValueError for a check that makes no sense."""
    expected = statuses_of(check.expected_status)
    if check.method not in {"GET", "HEAD"}:
        raise ValueError(_("A check asks with GET or HEAD."))
    if check.must_contain and check.method == "HEAD":
        raise ValueError(_("A HEAD request has no text that could be looked for."))
    credentials = credentials_of("none", authority_name=check.authority) if check.authority else check.credentials
    answer = fetch(
        check.method, check.url, headers=check.headers, credentials=credentials, timeout=check.timeout_s,
        cut_at=MAX_BYTES,
    )  # fmt: skip
    if not any(answer.status in span for span in expected):
        return _("It answered %(status)d; expected is %(expected)s.") % {
            "status": answer.status,
            "expected": shown(expected),
        }
    return _fault_of_text(check, answer) or _fault_of_pace(check, answer)


def _fault_of_text(check: HttpCheck, answer: Answer) -> str:
    if check.must_contain.encode() in answer.body:
        return ""
    if answer.is_cut:
        return _("The expected text is not in the first %(most)d bytes of the page.") % {"most": MAX_BYTES}
    return _("The expected text is not on the page.")


def _fault_of_pace(check: HttpCheck, answer: Answer) -> str:
    taken = int(answer.seconds * 1000)
    if not check.most_ms or taken <= check.most_ms:
        return ""
    return _("It took %(taken)d ms; at most %(most)d ms are good.") % {"taken": taken, "most": check.most_ms}
