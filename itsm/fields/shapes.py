"""The six shapes that a text may be held to. No pattern of an administrator's own: one of them can stall a core."""

import ipaddress
import re
from collections.abc import Callable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Each is bounded and asked of at most 500 characters; none has a repetition within a repetition that can match alike.
_MAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[A-Za-z0-9.-]{1,250}\.[A-Za-z]{2,24}")
_PHONE = re.compile(r"\+?[0-9 ()/.-]{3,30}")
_LABEL = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
_SERIAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{1,63}")
_POSTCODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{1,9}")


def _is_host(text: str) -> bool:
    return 0 < len(text) <= 253 and all(_LABEL.fullmatch(label) for label in text.split("."))


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_phone(text: str) -> bool:
    return _PHONE.fullmatch(text) is not None and sum(character.isdigit() for character in text) >= 3


SHAPES: dict[str, tuple[str | Promise, Callable[[str], bool]]] = {
    "mail": (_("a mail address"), lambda text: _MAIL.fullmatch(text) is not None),
    "phone": (_("a phone number"), _is_phone),
    "host": (_("a host name"), _is_host),
    "ip": (_("an IP address"), _is_ip),
    "serial": (_("a serial number"), lambda text: _SERIAL.fullmatch(text) is not None),
    "postcode": (_("a postcode"), lambda text: _POSTCODE.fullmatch(text) is not None),
}
