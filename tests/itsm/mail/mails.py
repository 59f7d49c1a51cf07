"""Mails as strangers write them, byte for byte."""

from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from itertools import count

from django.utils import timezone

SUPPORT = "support@desk.example"
_number = count(1)


def a_mail(
    sender: str = "bo@example.org",
    subject: str = "The printer is on fire",
    text: str = "It smokes.",
    *,
    to: str = SUPPORT,
    cc: str = "",
    html: str = "",
    files: Sequence[tuple[str, str, bytes]] = (),
    message_id: str | None = None,
    drop: Sequence[str] = (),
    **headers: str,
) -> bytes:
    """One mail. Headers by name, an underscore is a hyphen there; `drop`: those that are left out."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    if cc:
        mail["Cc"] = cc
    mail["Date"] = format_datetime(timezone.now())
    mail["Message-ID"] = message_id or f"<{next(_number)}@mail.example.org>"
    for name, value in headers.items():
        name = name.replace("_", "-")
        del mail[name]
        mail[name] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        mail.add_attachment(content, maintype=main, subtype=sub, filename=name)
    for name in drop:
        del mail[name]
    return mail.as_bytes()


def a_bounce(original_id: str, recipient: str, status: str, action: str = "failed") -> bytes:
    """A delivery status notification, as a mail server writes it."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example.org (Mail Delivery System)\r\n"
        f"To: {SUPPORT}\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        f"Message-ID: <bounce-{next(_number)}@mx.example.org>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} no such user here\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"From: {SUPPORT}\r\nMessage-ID: {original_id}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()
