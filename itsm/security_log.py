"""One line in the log for what concerns security: who came in and by what, who did not, and what was refused to whom.

The lines go where all logs go (stderr), in one format, so that whatever collects them can count and raise alarms. They
name accounts by their number and hold no text that somebody typed: a password typed into the box of the user name
would be in it. The history (`itsm.audit`) has what happened to records; this has what did not happen.
"""

import logging
from typing import Any

logger = logging.getLogger("headroom.security")


def sign_in_log(user_id: int, by: str, strong: bool, address: str) -> None:
    """Somebody came in. `by`: the door; `strong`: several factors were seen."""
    logger.info("signed in: account=%s by=%s factors=%s from=%s", user_id, by, "several" if strong else "one", address)


def refused_sign_in(sender: Any, credentials: dict[str, Any], request: Any = None, **_: Any) -> None:
    """A receiver of Django's `user_login_failed`: whose name and which password were typed is not written down."""
    address = getattr(request, "META", {}).get("REMOTE_ADDR", "") if request is not None else ""
    logger.warning("sign-in refused: from=%s", address)


def refusal_log(status: int, code: str, request: Any) -> None:
    """Something was refused by right (401, 403) or for too much of it (413, 429); other refusals are everyday."""
    if status not in (401, 403, 413, 429) or request is None:
        return
    account = getattr(getattr(request, "user", None), "pk", None)
    route = getattr(getattr(request, "resolver_match", None), "view_name", "") or "unknown"
    logger.info(
        "refused: status=%s type=%s account=%s route=%s method=%s request=%s",
        status, code, account, route, request.method, getattr(request, "request_id", ""),
    )  # fmt: skip
