"""Mail goes to the server that holds now; without one, it goes nowhere, and nothing to where nothing is delivered."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from email.utils import parseaddr
from functools import cache
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import EmailMessage
from django.core.mail.utils import DNS_NAME
from django.utils.encoding import punycode
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from itsm.configuration.reading import MailServer, outgoing_is_held
from itsm.notifications.credentials import NOBODY
from itsm.notifications.lines import dialled
from itsm.notifications.resolving import answer_about

Withheld = Callable[[list[str]], set[str]]
_withheld: list[Withheld] = []


def withholds(withheld: Withheld) -> None:
    """`withheld(addresses)`: those, in small letters, that nothing may be sent to. Called once, at start."""
    _withheld.append(withheld)


def may_be_sent(message: EmailMessage) -> bool:
    """Whether there is anybody that it may be sent to; the others are taken out of it."""
    named = [parseaddr(one)[1].lower() for one in message.recipients()]
    gone: set[str] = set().union(*(withheld(named) for withheld in _withheld))
    if gone:
        for part in (message.to, message.cc, message.bcc):
            part[:] = [one for one in part if parseaddr(one)[1].lower() not in gone]
    return bool(message.recipients())


def leaves() -> bool:
    """Whether mail goes anywhere: a server is named, or another backend than ours takes it."""
    is_ours = f"{AsConfigured.__module__}.{AsConfigured.__qualname__}" == settings.EMAIL_BACKEND
    return not is_ours or bool(MailServer().host)


@cache
def _find_our_name() -> None:
    """As whom the desk greets a server: looked up once, and kept by Django, which would wait for it without an end.
    Where it takes too long, what the machine calls itself stands in for it: the server may not mind."""
    ours = socket.gethostname()
    try:
        answer_about(ours, DNS_NAME.get_fqdn, named=True)
    except TimeoutError:
        vars(DNS_NAME).setdefault("_fqdn", punycode(ours))  # the look-up, which still runs, writes over it


class _Dialling(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return dialled(host, port, timeout)


class AsConfigured(EmailBackend):
    """Django's own, with the server of the settings; its password stays HEADROOM_EMAIL_PASSWORD, or a file."""

    connection_class = _Dialling  # TLS begins after the greeting (STARTTLS), or not at all

    def __init__(self, **options: Any) -> None:
        server = MailServer()
        said = {"host": server.host, "port": server.port, "username": server.user, "use_tls": server.tls}
        super().__init__(**{**options, **said})

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        """As everything that goes out: names checked, HEADROOM_CA_BUNDLE trusted beside the public authorities."""
        return NOBODY.tls()

    def open(self) -> bool | None:
        _find_our_name()
        return super().open()

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if outgoing_is_held():  # the outbox holds too: this is for what is sent at once
            raise OSError(_("This desk was restored from a backup; no mail leaves it until an operator releases it."))
        if not self.host:
            return len(email_messages)
        return int(super().send_messages([one for one in email_messages if may_be_sent(one)]) or 0)
