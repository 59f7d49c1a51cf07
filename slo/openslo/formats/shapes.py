"""The checks that rules are put together from. A check looks at one value and writes what is wrong.

Rule codes used here: wrong-type, unknown-field, required, exclusive, one-of, dns-label, too-long,
out-of-range, duration.
"""

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from itsm.safe_yaml.scalars import is_number
from slo.openslo.formats.documents import Report, below
from slo.openslo.formats.durations import parse_duration

Check = Callable[[Report, str, Any], None]

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z", re.ASCII)


def is_dns_label(text: str) -> bool:
    return bool(_DNS_LABEL.match(text))


def is_given(value: Any) -> bool:
    """Null, empty text and empty mappings are what the official tools take for missing."""
    return value is not None and value != "" and value != {}


def record(
    fields: Mapping[str, Check], *, required: Collection[str] = (), rules: Collection[Check] = (), open_: bool = False
) -> Check:
    """A mapping with these fields and no others (unless `open_`); `rules` look at it as a whole."""

    def check(report: Report, path: str, value: Any) -> None:
        if not isinstance(value, dict):
            return _wrong_type(report, path, gettext("a mapping"))
        for key in value:
            if key not in fields and not open_:
                report.error(below(path, key), "unknown-field", gettext("There is no field “%s” here.") % key[:80])
        for key, field in fields.items():
            found = value.get(key)
            if key in required and not is_given(found):
                report.error(below(path, key), "required", gettext("“%s” has to be given.") % key)
            elif found is not None:
                field(report, below(path, key), found)
        for rule in rules:
            rule(report, path, value)

    return check


def sequence(item: Check) -> Check:
    def check(report: Report, path: str, value: Any) -> None:
        if not isinstance(value, list):
            return _wrong_type(report, path, gettext("a list"))
        for index, one in enumerate(value):
            item(report, f"{path}[{index}]", one)

    return check


def anything(report: Report, path: str, value: Any) -> None:
    """Free form."""


def text(report: Report, path: str, value: Any) -> None:
    if not isinstance(value, str):
        _wrong_type(report, path, gettext("text"))


def boolean(report: Report, path: str, value: Any) -> None:
    if not isinstance(value, bool):
        _wrong_type(report, path, gettext("true or false"))


def free_mapping(report: Report, path: str, value: Any) -> None:
    if not isinstance(value, dict):
        _wrong_type(report, path, gettext("a mapping"))


def text_up_to(longest: int, *, tolerated: bool = False) -> Check:
    """`tolerated` for limits that the official tools have and the specification has not."""

    def check(report: Report, path: str, value: Any) -> None:
        if not isinstance(value, str):
            return _wrong_type(report, path, gettext("text"))
        if len(value) > longest:
            write = report.tolerated if tolerated else report.error
            write(path, "too-long", gettext("This is longer than %d characters.") % longest)

    return check


def dns_label(report: Report, path: str, value: Any) -> None:
    if not isinstance(value, str):
        return _wrong_type(report, path, gettext("text"))
    if not is_dns_label(value):
        message = gettext("“%s” is no name: use lower-case letters, digits and '-', at most 63.") % value[:80]
        report.error(path, "dns-label", message)


def optional(check: Check) -> Check:
    """The same, but empty text stands for nothing."""

    def checked(report: Report, path: str, value: Any) -> None:
        if value != "":
            check(report, path, value)

    return checked


def one_of(*words: str) -> Check:
    def check(report: Report, path: str, value: Any) -> None:
        if value not in words:
            report.error(path, "one-of", gettext("This has to be one of: %s.") % ", ".join(words))

    return check


def number(
    *,
    above: Decimal | None = None,
    least: Decimal | None = None,
    below_: Decimal | None = None,
    most: Decimal | None = None,
) -> Check:
    """A number; `above` and `below_` exclude the bound, `least` and `most` include it."""

    def check(report: Report, path: str, value: Any) -> None:
        if not is_number(value):
            return _wrong_type(report, path, gettext("a number"))
        bounds = (
            (above, above is None or value > above, gettext("This has to be greater than %s.")),
            (least, least is None or value >= least, gettext("This has to be at least %s.")),
            (below_, below_ is None or value < below_, gettext("This has to be less than %s.")),
            (most, most is None or value <= most, gettext("This has to be at most %s.")),
        )
        for bound, holds, message in bounds:
            if not holds:
                report.error(path, "out-of-range", message % bound)

    return check


def duration(report: Report, path: str, value: Any) -> None:
    """The shorthand. The specification's text lets a slice be a number of minutes, the official tools do not."""
    if is_number(value):
        message = gettext("A duration is a number and a letter (%(value)sm); this is read as minutes.")
        report.tolerated(path, "duration-number", message % {"value": value})
    elif not isinstance(value, str) or parse_duration(value) is None:
        report.error(
            path, "duration", gettext("A duration is a whole number and one of m, h, d, w, M, Q, Y, such as 4w.")
        )


def exclusive(*names: str, required: bool = True) -> Check:
    """At most one of these; with `required` exactly one."""

    def check(report: Report, path: str, value: Any) -> None:
        given = [name for name in names if value.get(name) is not None]
        if len(given) > 1:
            message = gettext("Only one of these can be given: %s.") % ", ".join(names)
        elif required and not given:
            message = gettext("One of these has to be given: %s.") % ", ".join(names)
        else:
            return
        report.error(path, "exclusive", message)

    return check


def _wrong_type(report: Report, path: str, wanted: str) -> None:
    report.error(path, "wrong-type", gettext("This has to be %s.") % wanted)


DESCRIPTION = text_up_to(1050)
OPERATOR = one_of("lt", "lte", "gt", "gte")
