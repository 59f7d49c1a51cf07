"""What is taken for a value of each type, and what is kept of it."""

import re
import unicodedata
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from itsm.fields.kinds.definitions import FILE_KEY, GREATEST, LONGEST, MOST_CHOSEN, Definition, LookUp, Moment
from itsm.fields.shapes import SHAPES
from itsm.fields.vocabulary import FILE, REFERENCES
from itsm.kernel.texts import is_blank

_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]{5,15}([Zz]|[+-][0-9]{2}:[0-9]{2})", re.ASCII)


def parse(defined: Definition, raw: Any, *, at: Moment, look_up: LookUp) -> Any:
    """The value to keep; None where `raw` says that there is none (null, a blank text, an empty list).

    Raises ValueError with a sentence for people.
    """
    if raw is None or raw == [] or (isinstance(raw, str) and is_blank(raw)):
        return None
    if defined.type in REFERENCES:
        return _reference(defined, raw, look_up)
    if defined.type == FILE:
        return _file(defined, raw, look_up)
    return _PARSERS[defined.type](defined, raw, at)


def refuse_as_default(type: str, raw: Any) -> None:
    """Raise ValueError for an empty list: of a record's value it says that there is none, of a default nothing."""
    if raw == [] and type != "choices":
        raise ValueError(_("Send a value of its kind, or null."))


def _text(defined: Definition, raw: Any, at: Moment) -> str:
    text = _characters(raw)
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text):
        raise ValueError(_("It is one line, without control characters."))
    _not_longer(text, min(defined.rules.get("max_length", LONGEST["text"]), LONGEST["text"]))
    prefix, shape = defined.rules.get("prefix", ""), defined.rules.get("shape", "")
    if prefix and not text.startswith(prefix):
        raise ValueError(_("It begins with %(prefix)s.") % {"prefix": prefix})
    if shape and not SHAPES[shape][1](text):
        raise ValueError(_("It is not %(shape)s.") % {"shape": SHAPES[shape][0]})
    return text


def _long(defined: Definition, raw: Any, at: Moment) -> str:
    text = _characters(raw).replace("\r\n", "\n").replace("\r", "\n")
    if any(unicodedata.category(character) == "Cc" and character not in "\n\t" for character in text):
        raise ValueError(_("It has control characters in it."))
    _not_longer(text, min(defined.rules.get("max_length", LONGEST["long"]), LONGEST["long"]))
    return text


def _characters(raw: Any) -> str:
    """What was sent as a text, in one normal form. ValueError for what is none, or cannot be written down."""
    if not isinstance(raw, str):
        raise ValueError(_("Send a text."))
    if any(unicodedata.category(character) == "Cs" for character in raw):
        raise ValueError(_("It has characters that are none."))
    return unicodedata.normalize("NFC", raw).strip()


def _not_longer(text: str, most: int) -> None:
    if len(text) > most:
        raise ValueError(_("At most %(most)s characters.") % {"most": most})


def _whole(defined: Definition, raw: Any, at: Moment) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueError(_("Send a whole number."))
    _within(defined, raw)
    return raw


def _decimal(defined: Definition, raw: Any, at: Moment) -> str:
    if isinstance(raw, bool) or not isinstance(raw, int | str | Decimal):
        raise ValueError(_('Send an exact decimal, such as "12.50".'))
    written = format(raw, "f") if isinstance(raw, Decimal) else str(raw).strip()
    if not _DECIMAL.fullmatch(written):
        raise ValueError(_('Send an exact decimal, such as "12.50": at most 15 digits, and 6 after the point.'))
    value = Decimal(written)
    places: int = defined.rules.get("scale", 6)
    if value != round(value, places):
        raise ValueError(_("At most %(places)s digits after the point.") % {"places": places})
    _within(defined, value)
    return plain_decimal(value)


def plain_decimal(value: Decimal) -> str:
    """Without an exponent and without zeros that say nothing: one text for each number, so that equal is equal."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def _within(defined: Definition, value: int | Decimal) -> None:
    least, most = defined.rules.get("min"), defined.rules.get("max")
    if value > GREATEST or value < -GREATEST:
        raise ValueError(_("It is too great."))
    if least is not None and value < Decimal(str(least)):
        raise ValueError(_("At least %(least)s.") % {"least": least})
    if most is not None and value > Decimal(str(most)):
        raise ValueError(_("At most %(most)s.") % {"most": most})


def _yes_no(defined: Definition, raw: Any, at: Moment) -> bool:
    if not isinstance(raw, bool):
        raise ValueError(_("Send true or false."))
    return raw


def _choice(defined: Definition, raw: Any, at: Moment) -> str:
    return _option(defined, raw, at.before if isinstance(at.before, list) else [at.before])


def _option(defined: Definition, raw: Any, stood: Collection[Any]) -> str:
    """The key of an option that may be chosen, or that stood there before."""
    open_ones = [one.key for one in defined.options if not one.retired]
    if not isinstance(raw, str) or not (raw in open_ones or raw in stood):
        raise ValueError(_("Choose one of %(known)s.") % {"known": ", ".join(open_ones[:50]) or "–"})
    return raw


def _choices(defined: Definition, raw: Any, at: Moment) -> list[str]:
    if not isinstance(raw, list):
        raise ValueError(_("Send a list."))
    if len(raw) > MOST_CHOSEN:
        raise ValueError(_("At most %(most)s of them.") % {"most": MOST_CHOSEN})
    stood = at.before if isinstance(at.before, list) else []
    chosen = {_option(defined, one, stood) for one in raw}
    return [one.key for one in defined.options if one.key in chosen]


def _date(defined: Definition, raw: Any, at: Moment) -> str:
    try:
        day = date.fromisoformat(raw) if isinstance(raw, str) and _DAY.fullmatch(raw) else None
    except ValueError:
        day = None
    if day is None:
        raise ValueError(_("Send a date, such as 2026-11-28."))
    _in_time(defined, day, at.today, date.fromisoformat)
    return day.isoformat()


def _instant(defined: Definition, raw: Any, at: Moment) -> str:
    moment = instant_in(raw)
    if moment is None:
        raise ValueError(_("Send a time with its zone, such as 2026-11-28T14:05:00Z."))
    _in_time(defined, moment, at.now, instant_in)
    return written(moment)


def instant_in(text: Any) -> datetime | None:
    """The instant that a text with a zone says, in UTC; None where it says none."""
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def written(moment: datetime) -> str:
    """An instant as it is kept and sent: UTC, to the second."""
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _in_time(defined: Definition, value: Any, now: Any, read: Callable[[str], Any]) -> None:
    rules = defined.rules
    if rules.get("not_past") and value < now:
        raise ValueError(_("It is in the past."))
    if rules.get("not_future") and value > now:
        raise ValueError(_("It is in the future."))
    if "min" in rules and value < read(rules["min"]):
        raise ValueError(_("Not before %(least)s.") % {"least": rules["min"]})
    if "max" in rules and value > read(rules["max"]):
        raise ValueError(_("Not after %(most)s.") % {"most": rules["max"]})


def _reference(defined: Definition, raw: Any, look_up: LookUp) -> int:
    found = look_up(defined, raw[:150]) if isinstance(raw, str) else None
    if found is None:
        raise ValueError(_("There is none of this name that may be chosen here."))
    return found


def _file(defined: Definition, raw: Any, look_up: LookUp) -> str:
    """The key of a file that was sent before; `look_up` says by a ValueError what is wrong with it."""
    key = raw.strip().lower() if isinstance(raw, str) else ""
    if not FILE_KEY.fullmatch(key) or look_up(defined, key) is None:
        raise ValueError(_("Send the file first, and name its key here; a file that was sent is used once."))
    return key


def _link(defined: Definition, raw: Any, at: Moment) -> str:
    address = _characters(raw)
    _not_longer(address, LONGEST["link"])
    try:
        parts = urlsplit(address)
        host, _port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host = ""
    odd = any(unicodedata.category(one)[0] in "CZ" or one in '\\<>"`' for one in address)
    if odd or not host or not address.lower().startswith("https://") or "@" in parts.netloc:
        raise ValueError(_("Send a web address that begins with https://."))
    hosts = defined.rules.get("hosts") or []
    if hosts and not any(host == one or host.endswith(f".{one}") for one in hosts):
        raise ValueError(_("Only addresses of %(hosts)s.") % {"hosts": ", ".join(hosts)})
    return address


_PARSERS: dict[str, Callable[[Definition, Any, Moment], Any]] = {
    "text": _text, "long": _long, "whole": _whole, "decimal": _decimal, "yes_no": _yes_no, "choice": _choice,
    "choices": _choices, "date": _date, "instant": _instant, "link": _link,
}  # fmt: skip
