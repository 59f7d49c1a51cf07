"""The settings that there are, each with its shape and its check. Secrets are none of them: they stay files."""

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MAX_WORDS = 200
MAX_LENGTH = 253

Value = Any  # a list of words, a text, a whole number, or a boolean


@dataclass(frozen=True, slots=True)
class Known:
    """One setting. `variable`: whose value is the default. `check` gives the cleaned value or raises ValueError.

    `is_list`: more words mean that more may be reached or trusted, which is confirmed by a second administrator.
    """

    name: str
    variable: str
    label: Any
    help: Any
    kind: type
    check: Callable[[Any], Value]
    default: Callable[[], Value]

    @property
    def is_list(self) -> bool:
        return self.kind is list


def _words(value: Any, one: Callable[[str], str]) -> list[str]:
    said = value.replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(said, list) or not all(isinstance(word, str) for word in said) or len(said) > MAX_WORDS:
        raise ValueError(gettext("Send a list of at most %(most)d words.") % {"most": MAX_WORDS})
    return list(dict.fromkeys(one(word.strip()) for word in said if word.strip()))


def _network(word: str) -> str:
    try:
        return str(ipaddress.ip_network(word)) if "/" in word else str(ipaddress.ip_address(word))
    except ValueError as error:
        raise ValueError(gettext("“%(word)s” is no address and no network.") % {"word": word[:60]}) from error


def _target(word: str) -> str:
    """A network, or host:port."""
    if "/" in word:
        return _network(word)
    host, colon, port = word.rpartition(":")
    if not (colon and host and port.isdecimal() and port.isascii() and 0 < int(port) < 65_536) or len(word) > 260:
        raise ValueError(
            gettext("“%(word)s” is neither host:port nor a network such as 10.2.0.0/16.") % {"word": word[:60]}
        )
    return f"{host.lower()}:{int(port)}"


def _sender(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_LENGTH or "\n" in value or "\r" in value:
        raise ValueError(gettext("Send an address, such as Headroom <desk@example.com>."))
    try:
        validate_email(parseaddr(value)[1].replace("@localhost", "@localhost.example"))
    except ValidationError as error:
        raise ValueError(gettext("“%(value)s” holds no mail address.") % {"value": value[:60]}) from error
    return value.strip()


def _host(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_LENGTH or any(one in value for one in " /:@\n\r\t\x00"):
        raise ValueError(gettext("Send the name of a host, without a port."))
    return value.strip().lower()


def _login(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_LENGTH or any(one in value for one in "\n\r\x00"):
        raise ValueError(gettext("Send a text of at most %(most)d characters.") % {"most": MAX_LENGTH})
    return value.strip()


def _user_names(value: Any) -> str:
    words = _words(value, str.lower) if isinstance(value, str) else []
    if not isinstance(value, str) or len(value) > MAX_LENGTH or any("\0" in word for word in words):
        raise ValueError(gettext("Send user names, with spaces between them."))
    return " ".join(words)


def _port(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        value = int(value[:6])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65_536:
        raise ValueError(gettext("A port is a number from 1 to 65535."))
    return value


def _percent(value: Any) -> int:
    if isinstance(value, str) and value.isdecimal() and value.isascii():
        value = int(value[:4])
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise ValueError(gettext("Send a whole number from 1 to 100."))
    return value


def _yes_no(value: Any) -> bool:
    found = {"on": True, "true": True, "off": False, "false": False}.get(value) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise ValueError(gettext("Send true or false."))
    return found


def _list_of(name: str) -> Callable[[], list[str]]:
    return lambda: list(getattr(settings, name))


def _value_of(name: str) -> Callable[[], Any]:
    return lambda: getattr(settings, name)


OUTGOING_ALLOW = Known(
    "outgoing_allow", "HEADROOM_OUTGOING_ALLOW", _("Private addresses that may be reached"),
    _("host:port or networks. Data sources, checks, mailboxes and webhooks reach no other private address."),
    list, lambda value: _words(value, _target), _list_of("OUTGOING_ALLOW"),
)  # fmt: skip
TRUSTED_PROXIES = Known(
    "trusted_proxies", "HEADROOM_TRUSTED_PROXIES", _("Proxies that are believed"),
    _("Addresses and networks whose X-Forwarded-For says who a client is. Lock-outs and logs go by it."),
    list, lambda value: _words(value, _network), _list_of("TRUSTED_PROXIES"),
)  # fmt: skip
EMAIL_FROM = Known(
    "email_from", "HEADROOM_EMAIL_FROM", _("Mail comes from"), _("An address, such as Headroom <desk@example.com>."),
    str, _sender, _value_of("DEFAULT_FROM_EMAIL"),
)  # fmt: skip
EMAIL_HOST = Known(
    "email_host", "HEADROOM_EMAIL_HOST", _("Mail server"), _("Empty: no mail leaves. Its password stays a file."),
    str, _host, _value_of("EMAIL_HOST"),
)  # fmt: skip
EMAIL_PORT = Known(
    "email_port", "HEADROOM_EMAIL_PORT", _("Port of the mail server"), "", int, _port, _value_of("EMAIL_PORT")
)
EMAIL_USER = Known(
    "email_user", "HEADROOM_EMAIL_USER", _("User at the mail server"), _("Empty: it asks for none."),
    str, _login, _value_of("EMAIL_HOST_USER"),
)  # fmt: skip
EMAIL_TLS = Known(
    "email_tls", "HEADROOM_EMAIL_TLS", _("Speak TLS to the mail server (STARTTLS)"), "",
    bool, _yes_no, _value_of("EMAIL_USE_TLS"),
)  # fmt: skip

POSTMORTEM_BUDGET_PERCENT = Known(
    "postmortem_budget_percent", "HEADROOM_POSTMORTEM_BUDGET_PERCENT", _("Outages that need a postmortem"),
    _("From this many percent of an error budget on, 1 to 100."),
    int, _percent, _value_of("POSTMORTEM_BUDGET_PERCENT"),
)  # fmt: skip

DUTY_MANAGER = Known(
    "duty_manager", "HEADROOM_DUTY_MANAGER", _("Duty managers"),
    _("User names, or schedule:slug for who has it. They accept major incidents, and are paged where nobody decides."),
    str, _user_names, _value_of("DUTY_MANAGER"),
)  # fmt: skip

CLIENT_DOCUMENTS = Known(
    "client_documents", "HEADROOM_CLIENT_DOCUMENTS", _("Programs of agents may be known by an address of theirs"),
    _("Their document is read there, over https. Off: they register by themselves, and nothing outside is asked."),
    bool, _yes_no, _value_of("CLIENT_DOCUMENTS"),
)  # fmt: skip

ALL = (
    OUTGOING_ALLOW, TRUSTED_PROXIES, EMAIL_FROM, EMAIL_HOST, EMAIL_PORT, EMAIL_USER, EMAIL_TLS,
    POSTMORTEM_BUDGET_PERCENT, DUTY_MANAGER, CLIENT_DOCUMENTS,
)  # fmt: skip
BY_NAME = {one.name: one for one in ALL}


def widens(known: Known, before: Value, after: Value) -> bool:
    """Whether more may be reached or trusted than before, or mail goes elsewhere or where others can read it."""
    if known.is_list:
        return not _covered(after, before)
    if known is EMAIL_TLS:
        return bool(before) and not after
    if known is CLIENT_DOCUMENTS:
        return bool(after) and not before
    return known in (EMAIL_HOST, EMAIL_PORT) and bool(after) and before != after


def _covered(words: Sequence[str], by: Sequence[str]) -> bool:
    """Whether each of these lies within one of those."""
    return all(word in by or any(_lies_in(word, other) for other in by) for word in words)


def _lies_in(word: str, other: str) -> bool:
    try:
        inner, outer = ipaddress.ip_network(word), ipaddress.ip_network(other)
    except ValueError:
        return False
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]
