"""The rules that a field's values may be held to, by type: judged when the field is saved, so that no value meets a
rule that cannot be kept."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from itsm.fields.kinds import LONGEST, instant_in, plain_decimal, written
from itsm.fields.shapes import SHAPES
from itsm.fields.vocabulary import FILE, Type

ACCEPTED = ("picture", "pdf", "picture_or_pdf")  # what a file may be
_MOST_HOSTS = 20
_HOST_LONGEST = 253
_PREFIX_LONGEST = 40
_MOST = 10**15


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(_("a whole number from %(least)s to %(most)s") % {"least": least, "most": most})
        return value

    return check


def _number(value: Any) -> str:
    try:
        number = Decimal(str(value)) if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    # Compared before it is reckoned with: of the largest exponents there is no absolute value.
    if number is None or not number.is_finite() or not -_MOST <= number <= _MOST or number != round(number, 6):
        raise ValueError(_("a number"))
    return plain_decimal(number)


def _yes(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("true or false"))
    return value


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError) as error:
        raise ValueError(_("a date, such as 2026-11-28")) from error


def _moment(value: Any) -> str:
    moment = instant_in(value)
    if moment is None:
        raise ValueError(_("a time with its zone"))
    return written(moment)


def _shape(value: Any) -> str:
    if not isinstance(value, str) or value not in SHAPES:
        raise ValueError(_("one of %(known)s") % {"known": ", ".join(SHAPES)})
    return str(value)


def _prefix(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value.strip()) <= _PREFIX_LONGEST:
        raise ValueError(_("at most 40 characters of one line"))
    return value.strip()


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 64 or not value.isprintable():
        raise ValueError(_("a name"))
    return value


def _hosts(value: Any) -> list[str]:
    fits = isinstance(value, list) and 0 < len(value) <= _MOST_HOSTS
    if not fits or not all(
        isinstance(one, str) and len(one) <= _HOST_LONGEST and SHAPES["host"][1](one) for one in value
    ):
        raise ValueError(_("a list of at most 20 host names"))
    return [one.lower() for one in value]


def _accepted(value: Any) -> str:
    if value not in ACCEPTED:
        raise ValueError(_("one of %(known)s") % {"known": ", ".join(ACCEPTED)})
    return str(value)


_TEXT = {"prefix": _prefix, "shape": _shape, "max_length": _whole(1, LONGEST["text"])}
_NUMBERS: dict[str, Callable[[Any], Any]] = {"min": _number, "max": _number}
_RULES: dict[str, dict[str, Callable[[Any], Any]]] = {
    Type.TEXT.value: _TEXT,
    Type.LONG.value: {"max_length": _whole(1, LONGEST["long"])},
    Type.WHOLE.value: _NUMBERS,
    Type.DECIMAL.value: {**_NUMBERS, "scale": _whole(0, 6)},
    Type.DATE.value: {"not_past": _yes, "not_future": _yes, "min": _day, "max": _day},
    Type.INSTANT.value: {"not_past": _yes, "not_future": _yes, "min": _moment, "max": _moment},
    Type.PERSON.value: {"role": _name, "team": _name},
    Type.CI.value: {"class": _name},
    Type.LINK.value: {"hosts": _hosts},
    FILE: {"accept": _accepted},
}


def known(type_: str) -> list[str]:
    """The names of the rules that a type has."""
    return list(_RULES.get(type_, {}))


def _says_nothing(value: Any, rule: Callable[[Any], Any]) -> bool:
    """Null or an empty text; of a yes a no (and not 0, which equals it), of a list an empty one."""
    if value is None or value == "":
        return True
    return (value is False and rule is _yes) or (value == [] and rule is _hosts)


def checked(type_: str, rules: Mapping[str, Any]) -> dict[str, Any]:
    """The rules as they are kept; what is null or empty (a text, a list of hosts, a no) is no rule.

    Raises ValueError with a sentence.
    """
    names = _RULES.get(type_, {})
    kept: dict[str, Any] = {}
    for name, value in rules.items():
        if name not in names:
            words = {"name": str(name)[:40], "known": ", ".join(names) or "–"}
            raise ValueError(_("There is no rule %(name)s for this type; known are %(known)s.") % words)
        if _says_nothing(value, names[name]):
            continue
        try:
            kept[name] = names[name](value)
        except ValueError as error:
            raise ValueError(_("The rule %(name)s is %(what)s.") % {"name": name, "what": error}) from error
    if "min" in kept and "max" in kept and _greater(type_, kept["min"], kept["max"]):
        raise ValueError(_("Nothing lies between min and max."))
    return kept


def _greater(type_: str, least: str, most: str) -> bool:
    return Decimal(least) > Decimal(most) if type_ in {Type.WHOLE, Type.DECIMAL} else least > most
