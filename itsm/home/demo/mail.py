"""Mail at Larkspur: a customer's thread with a picture, what lies parked, and what was ignored.

The mailbox is not connected: its mail came through the door for programs.
"""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from zlib import crc32

from incidents.incident import operations
from incidents.incident.queries import listed
from itsm.accounts.models import Team
from itsm.audit.recording import telling_of
from itsm.home.demo.founding import Company
from itsm.home.demo.pictures import pale_page
from itsm.mail.applying import apply
from itsm.mail.intake import accept
from itsm.mail.models import IncomingMail, Mailbox

SUPPORT = "support@larkspur.example"
_PRIYA = "Priya Nair <priya@northwind.example>"
_ASKED = "Which printer is it, and since when?"
_SIGNED = "\n\n-- \nPriya Nair\nNorthwind"
_HTML = (
    "<p>The second floor, since <b>Monday</b>. It looks like this:</p>"
    '<p><img src="cid:page@northwind.example" alt="A pale page"></p>'
    '<p>Our head office wrote the same: <a href="https://northwind.example/notice">notice</a>'
    '<img src="https://northwind.example/open.gif" alt=""></p>'
    '<div class="gmail_quote"><div>On Tue, Larkspur support &lt;support@larkspur.example&gt; wrote:</div>'
    f"<blockquote><p>{_ASKED}</p></blockquote></div>"
)


def come_in(company: Company, at: datetime) -> int:
    """A customer's mail and its answers, and five mails that no record took. How many came."""
    box = Mailbox.objects.create(
        slug="support", address=SUPPORT, aliases=["help@larkspur.example"], team=Team.objects.get(slug="platform"),
        from_name="Larkspur support", signature="Larkspur support\nMonday to Friday, 8 to 18", is_open=True,
        is_default=True,
    )  # fmt: skip
    _a_thread(company, box, at - timedelta(hours=9))  # below the ten office hours promised: in time whenever founded
    Mailbox.objects.filter(pk=box.pk).update(is_open=False)
    box.refresh_from_db()
    for minutes, mail in enumerate(_odd_ones(at), 3):
        _came(mail, box, at - timedelta(minutes=40 * minutes))
    return IncomingMail.objects.count()


def _a_thread(company: Company, box: Mailbox, at: datetime) -> None:
    first = _mail(
        _PRIYA, "Pale prints", "Hello,\n\nour prints come out pale on the left side.\n\n-- \nPriya Nair\nNorthwind", at
    )
    opened = _came(first, box, at)
    incident = listed(company.actors["agent"]).filter(pk=opened.record_id or 0)[0]
    with telling_of(asked := at + timedelta(minutes=35)):
        operations.reply(incident, actor=company.actors["agent"], text=_ASKED, at=asked)
    answer = _mail(
        _PRIYA, f"Re: [{incident.reference}] Pale prints",
        "The second floor, since Monday. It looks like this.\n\n"
        f"On Tue, Larkspur support <{SUPPORT}> wrote:\n\n> {_ASKED}\n>\n> Larkspur support{_SIGNED}",
        at, reply_to=opened.message_id,
    )  # fmt: skip
    answer.add_alternative(_HTML, subtype="html")
    shown = answer.get_payload()
    if isinstance(shown, list) and isinstance(shown[1], EmailMessage):
        shown[1].add_related(pale_page(), "image", "png", cid="<page@northwind.example>", filename="page.png")
    _came(answer, box, at + timedelta(hours=2))
    away = _mail(_PRIYA, "Out of office", "I am away until Thursday.", at, reply_to=opened.message_id)
    away["Auto-Submitted"] = "auto-replied"
    _came(away, box, at + timedelta(hours=3))


def _odd_ones(at: datetime) -> list[EmailMessage]:
    news = _mail("News <news@vendor.example>", "What is new in printers", "Ten things that you missed.", at)
    news["List-Id"] = "News <news.vendor.example>"
    forged = _mail("Eve <eve@elsewhere.example>", "Re: invoice", "Please send me the last answer again.", at)
    deep = _mail("Otto <otto@northwind.example>", "Fwd: Fwd: Fwd: Scan", "See below.", at)
    for _level in range(22):
        outer = _mail("Otto <otto@northwind.example>", "Fwd: Fwd: Fwd: Scan", "See below.", at)
        outer.add_attachment(deep)
        deep = outer
    plain = _mail("Mona <mona@southwind.example>", "Cannot sign in to the shop", "The page says 500 since noon.", at)
    bounced = _mail("MAILER-DAEMON@mx.southwind.example", "Undelivered Mail Returned to Sender", "No such user.", at)
    bounced["Auto-Submitted"] = "auto-replied"
    return [plain, deep, forged, news, bounced]


def _came(mail: EmailMessage, box: Mailbox, at: datetime) -> IncomingMail:
    with telling_of(at):
        kept = accept(mail.as_bytes(), mailbox=box, at=at)
        return apply(kept.pk, at) or kept


def _mail(sender: str, subject: str, text: str, at: datetime, *, reply_to: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, SUPPORT, subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{crc32(f'{sender}{subject}{text}'.encode()):x}@mail.example>"
    if reply_to:
        mail["In-Reply-To"] = mail["References"] = reply_to
    mail.set_content(text)
    return mail
