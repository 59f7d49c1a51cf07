"""JSON as we accept it: finite numbers, no repeated keys, bounded depth, no NUL, nothing left over."""

import json
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.conf import settings
from rest_framework import exceptions, parsers

from itsm.kernel import strangers

MAX_DEPTH = 32
MAX_DIGITS = 40


class TooLarge(exceptions.APIException):
    status_code = 413
    default_detail = "The body is larger than is accepted here."
    default_code = "too-large"


class StrictJSON(parsers.BaseParser):
    """Parses application/json. Fractions become `Decimal`, so no digit is lost on the way in."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        if len(body) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge
        return loads(body)


def loads(body: bytes, *, of_strangers: bool = False) -> Any:
    """The document, or ParseError with a sentence. `of_strangers`: who sends it cannot mend its texts, and others of it
    must not be lost: signs that no database takes are replaced."""
    try:
        document = json.loads(
            strangers.storable(body) if of_strangers else body.decode("utf-8"),
            parse_float=_finite,
            parse_int=_whole,
            parse_constant=_no_constant,
            object_pairs_hook=_no_repeats,
        )
    except exceptions.ParseError:
        raise
    except RecursionError as error:
        raise exceptions.ParseError(f"The document is nested deeper than {MAX_DEPTH} levels.") from error
    except ValueError as error:
        raise exceptions.ParseError(f"The body is not JSON: {error}"[:200]) from error
    _inspect(document)
    return document


def _finite(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:  # an exponent that not even Decimal holds
        raise exceptions.ParseError("A number is too large or too long to be meant.") from error
    # A zero has an exponent too: 0e999999999 written out would fill the memory.
    if len(text) > MAX_DIGITS or abs(value.adjusted()) > MAX_DIGITS:
        raise exceptions.ParseError("A number is too large or too long to be meant.")
    return value


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise exceptions.ParseError("A number is too large or too long to be meant.")
    return int(text)


def _no_constant(text: str) -> Any:
    raise exceptions.ParseError(f"{text} is not a number that JSON knows.")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise exceptions.ParseError("A name occurs twice in one object.")
    return found


def _inspect(document: Any) -> None:
    """Refuse what is nested too deeply or holds text that no database takes."""
    waiting: list[tuple[Any, int]] = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise exceptions.ParseError(f"The document is nested deeper than {MAX_DEPTH} levels.")
        if isinstance(value, str):
            _check_text(value)
        elif isinstance(value, dict):
            for key, item in value.items():
                _check_text(key)
                if not isinstance(item, int | Decimal | None):
                    waiting.append((item, depth + 1))
        elif isinstance(value, list):
            waiting.extend((item, depth + 1) for item in value)


def _check_text(value: str) -> None:
    if "\x00" in value:
        raise exceptions.ParseError("A text holds a NUL character.")
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise exceptions.ParseError("A text holds half of a surrogate pair.")
