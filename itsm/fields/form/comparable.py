"""What an answer is compared as, before its rules are looked at: so that a browser can say the same of what was typed.

What is no value of its type is none here; whether that is an error is said by `kinds.parse`.
"""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone

from itsm.fields.kinds import Definition, written
from itsm.kernel.texts import is_blank

_LOCAL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)

Comparable = str | bool | Decimal | tuple[str, ...] | None
_WHOLE = re.compile(r"-?[0-9]{1,16}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LONE = re.compile("[\ud800-\udfff]")


def comparable(defined: Definition, raw: Any, *, of_condition: bool = False) -> Comparable:
    """Texts in one form, numbers exact, days as ISO 8601, keys of options that there are; None where there is none.

    `of_condition`: `raw` is what a condition names, one option of several.
    """
    if raw is None or raw == [] or (isinstance(raw, str) and is_blank(raw)):
        return None
    match defined.type:
        case "whole":
            return Decimal(raw) if isinstance(raw, int) and not isinstance(raw, bool) else None
        case "decimal":
            return _decimal(raw)
        case "yes_no":
            return raw if isinstance(raw, bool) else None
        case "choice":
            return raw if isinstance(raw, str) and raw in _keys(defined) else None
        case "choices":
            return _chosen(defined, [raw] if of_condition else raw)
        case "date":
            return _day(raw)
        case "instant":
            return "there" if isinstance(raw, str) else None
        case "file":
            return "there" if isinstance(raw, str) else None
        case "person" | "team" | "service" | "ci":
            return "there" if isinstance(raw, str | int) and not isinstance(raw, bool) else None
    return _text(raw)


def _keys(defined: Definition) -> list[str]:
    return [one.key for one in defined.options]


def _chosen(defined: Definition, raw: Any) -> tuple[str, ...] | None:
    known = _keys(defined)
    if not isinstance(raw, list) or not all(isinstance(one, str) and one in known for one in raw):
        return None
    return tuple(raw) or None


def _decimal(raw: Any) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        return None
    written = format(raw, "f") if isinstance(raw, Decimal) else str(raw).strip()
    return Decimal(written) if _DECIMAL.fullmatch(written) else None


def _day(raw: Any) -> str | None:
    try:
        return date.fromisoformat(raw).isoformat() if isinstance(raw, str) and _DAY.fullmatch(raw) else None
    except ValueError:
        return None


def _text(raw: Any) -> str | None:
    if not isinstance(raw, str) or _LONE.search(raw):
        return None
    return unicodedata.normalize("NFC", raw).replace("\r\n", "\n").replace("\r", "\n").strip()


def from_page(defined: Definition, sent: list[str]) -> Any:
    """What a page sends of one question (the values of its inputs), as JSON would have it. `comparable` and
    `kinds.parse` judge it; the browser reads its inputs in the same way."""
    if defined.type == "choices":
        return [one for one in sent if one]
    text = sent[-1] if sent else ""
    if defined.type == "yes_no":
        return {"yes": True, "no": False}.get(text, text)
    if defined.type == "whole" and _WHOLE.fullmatch(text.strip()):
        return int(text)
    if defined.type == "instant" and _LOCAL.fullmatch(text):
        return _instant(text)
    return text


def _instant(text: str) -> str:
    """A time of the person's own zone as an instant; one that is none stays as it was typed."""
    try:
        return written(from_current_timezone(datetime.fromisoformat(text)))
    except (ValueError, OverflowError, ValidationError):
        return text
