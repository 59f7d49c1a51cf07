"""Whether a program sent a mail (RFC 3834, and what older programs do). Such mails open and answer nothing."""

from collections.abc import Callable

_BULK = {"bulk", "junk", "auto_reply", "auto-reply"}
_AUTOREPLIES = (
    "x-autoreply", "x-autorespond", "x-autoresponse", "x-auto-reply-from", "x-mail-autoreply", "x-mail-autoresponse",
)  # fmt: skip
_DAEMONS = {"mailer-daemon", "postmaster", "mail-daemon"}

Header = Callable[[str], str]


def reason(header: Header, *, sender: str, content_type: str, is_status: bool) -> str:
    """Why it counts as automatic, as a code; "" for a mail of a person. `header(name)` is "" where there is none.

    `sender`: the address of From. `is_status`: it is a delivery status notification.
    """
    submitted = header("auto-submitted").split(";")[0].strip().lower()
    if is_status or (content_type == "multipart/report"):
        return "report"
    if submitted and submitted != "no":
        return "auto-submitted"
    if header("return-path").strip() == "<>":
        return "null-return-path"
    if header("list-id").strip():
        return "list"
    if header("Precedence").strip().lower() in _BULK:
        return "bulk"
    if any(header(name).strip().lower() not in {"", "no"} for name in _AUTOREPLIES):
        return "autoreply"
    if sender.partition("@")[0] in _DAEMONS:
        return "daemon"
    return ""
