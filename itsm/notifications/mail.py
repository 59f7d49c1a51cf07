"""Mail goes to the server that holds now; without one, it goes nowhere."""

from collections.abc import Sequence
from typing import Any

from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import EmailMessage

from itsm.configuration.reading import MailServer


class AsConfigured(EmailBackend):
    """Django's own, with the server of the settings; its password stays HEADROOM_EMAIL_PASSWORD, or a file."""

    def __init__(self, **options: Any) -> None:
        server = MailServer()
        said = {"host": server.host, "port": server.port, "username": server.user, "use_tls": server.tls}
        super().__init__(**{**options, **said})

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return int(super().send_messages(email_messages) or 0) if self.host else len(email_messages)
