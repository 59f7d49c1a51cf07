"""What an answer comes to, whichever protocol it was: who it is, and how they showed it."""

from dataclasses import dataclass, field
from typing import Any

from itsm.identity.protocols import Identified


@dataclass(frozen=True, slots=True)
class Asserted:
    """`strong`: the provider says that they showed several factors. `sid`: its session. `shown`: what it said, by name,
    for who tries the connection. `shown_at`: when they showed there who they are, as an instant (auth_time,
    AuthnInstant); 0.0: it does not say."""

    who: Identified
    strong: bool = False
    sid: str = ""
    shown: dict[str, Any] = field(default_factory=dict)
    shown_at: float = 0.0


def named_groups(value: Any) -> tuple[str, ...] | None:
    """Groups of a claim: a list of texts, or one text. None where it is none of these."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(dict.fromkeys(one for one in value if one and "\0" not in one))
    return None


def is_address(text: str) -> bool:
    """Whether it could be an address of mail that is written in one way alone."""
    local, mark, domain = text.rpartition("@")
    is_whole = bool(mark and local and domain) and len(text) <= 254
    return is_whole and text.isascii() and text.isprintable() and " " not in text
