"""The one rule for web addresses: of pipelines, evidence, data sources and checks alike."""

from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from itsm.notifications.hosts import ascii_host

MAX_LENGTH = 300
_NEVER = frozenset(chr(code) for code in (*range(0x21), 0x7F)) | frozenset('<>"`\\')
_MARKS_OF_HOSTS = frozenset("-._:%")


def is_web_address(text: str) -> bool:
    """An http(s) address with a host, which may be a bare name (`http://jenkins:8080/job/7/`); no credentials in it."""
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - reading it refuses what is no port
        host = ascii_host(parts.hostname or "")
    except ValueError:
        return False
    if _NEVER & set(text) or parts.scheme not in {"http", "https"} or parts.username is not None:
        return False
    return bool(host) and all(one.isalnum() or one in _MARKS_OF_HOSTS for one in host)


def parts_of(address: str) -> SplitResult:
    """Of an address that anybody may send; all empty where it is none, as with brackets around what is no host."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def our_address(path: str) -> str:
    """An absolute address of ours, by HEADROOM_BASE_URL: what a request's headers say of the host is nobody's word."""
    return f"{settings.BASE_URL}{path}" if path.startswith("/") else path


def web_address(text: str) -> None:
    """The rule as a validator of a model's or form's field."""
    if not is_web_address(text):
        raise ValidationError(_("Send an http or https address, without a user name in it."), code="invalid")
