"""What is known at Larkspur: articles for everybody, for the desk and for one team, with what people said of them."""
# ruff: noqa: E501 -- texts are read in lines

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from catalog.knowledge import operations
from incidents.answers.operations import NOTE, TEXT, use_article
from incidents.incident.queries import listed
from itsm.accounts.models import Team
from itsm.audit.recording import telling_of
from itsm.home.demo.founding import Company

if TYPE_CHECKING:
    from catalog.models import Article


class Known(NamedTuple):
    """`days`: since it was written; `helped`, `not_helped`: who said so. `seen_by`: all, staff, or a team's slug."""

    title: str
    symptoms: str
    body: str
    service: str = "workplace"
    seen_by: str = "all"
    by: str = "agent"
    days: int = 60
    helped: tuple[str, ...] = ()
    not_helped: tuple[str, ...] = ()


# fmt: off
ARTICLES = (
    Known("My laptop battery is swollen", "The case bends, the touchpad clicks by itself, it does not lie flat.",
          "**Stop using it and unplug it.** A swollen battery can catch fire.\n\n1. Do not press on the case.\n2. Put it on stone or metal, away from paper.\n3. Ask for *Laptop or phone*; say that it is a battery, and it is replaced today.\n\nDo not post it: somebody comes for it.",
          helped=("requester", "manager"), days=120),
    Known("The VPN does not connect from home", "Error 809, “cannot reach the server”, connected but nothing opens.",
          "Most of the time the router at home blocks it.\n\n1. Switch the laptop's wifi off and on.\n2. Try with your phone's hotspot. If that works, it is the router: restart it.\n3. Still nothing: read `Settings > VPN > Log` and send us the **last five lines**.\n\n> Error 809 means that nothing answered at all. Error 691 is a wrong password.",
          helped=("requester", "engineer", "approver"), not_helped=("manager",), days=200),
    Known("Resetting a forgotten password", "Locked out, password expired, too many attempts, cannot sign in.",
          "Use *Forgotten password* on the sign-in page; the link is good for **15 minutes**.\n\nNo mail? Look into spam, then ask a colleague to report it for you. We never ask for a password by mail or phone.",
          helped=("requester", "approver"), days=150),
    Known("The printer on floor 3 says it is out of paper, and it is not", "Paper jam, tray 2, out of paper, PC LOAD LETTER.",
          "| lamp | what to do |\n|---|---|\n| amber, steady | open tray 2, push the paper back to the edge |\n| amber, blinking | a sheet is stuck behind the left door |\n| red | switch it off, wait a minute, and report it |\n",
          helped=("requester",), not_helped=("engineer",), days=90),
    Known("Getting into a shared mailbox", "Mailbox missing in Outlook, no permission, send as.",
          "It appears by itself an hour after you were let in. Sooner: close Outlook, wait a minute, open it.\n\nTo **send** from it, choose *From* in a new mail. Who keeps the mailbox lets people in; ask for *Shared mailbox* if you do not know who that is.", days=75),
    Known("Your order confirmation did not arrive", "No confirmation mail, order paid, mail missing.",
          "The order counts without the mail: look under *My orders*.\n\n- Mails of the last hour may be late; nothing is lost.\n- Check the address in *My account*.\n- After a day, report it with the order's number.", service="notifications",
          helped=("requester", "approver", "engineer"), days=40),
    Known("Badge does not open a door any more", "Red light at the door, badge expired, lost badge.",
          "Badges end with the date on their back. Ask for *Badge for a door* a week before.\n\nA **lost** badge: report it at once, we switch it off.", days=30),
    Known("Checkout answers 502 after a deployment", "502 bad gateway, checkout pods restart, readiness fails.",
          "1. `kubectl -n shop rollout status deploy/checkout`\n2. Readiness fails while the price cache is cold: wait **three minutes** before rolling back.\n3. Roll back by the pipeline, not by hand: the gate wants to know.\n\nCause: the cache is filled by the first request of each pod.",
          service="checkout", seen_by="staff", by="engineer", helped=("agent", "owner"), days=50),
    Known("Payments: a bank answers slowly", "Timeouts at one acquirer, payments pending, 30 seconds.",
          "Look at *payments by bank*. One line only: it is the bank.\n\n- Switch the bank to *retry later* in the console.\n- Tell the desk the sentence under *What to say*.\n- Do not restart payments: it loses the queue's order.", service="payments", seen_by="staff", by="engineer", helped=("agent",), days=430),
    Known("Refunds by hand: limits and who signs", "Refund above 500, second signature, chargeback.",
          "Up to 500: anybody in Payments. Above: a second signature **before** the refund.\n\nNever refund to another card than the one that paid.", service="payments", seen_by="payments", by="owner", days=100),
    Known("Which calls to hand to the data team", "Report empty, figures wrong, nightly job.",
          "Hand over with: the report's name, the day, what was expected. Do not promise a time before ten: the nightly job may still run.", service="data-platform", seen_by="staff", days=20),
)
# fmt: on
WAITING = Known(
    "Scanner at a warehouse gate loses its network",
    "Scanner offline, gate 4, wifi drops.",
    "Carry it to another gate. If it works there, it is the access point: report the number of the gate.",
    service="warehouse",
    days=2,
)
REWRITTEN = "The VPN does not connect from home"


def write_down(company: Company, at: datetime) -> int:
    """Articles with their votes; one overdue, one with a draft beside it, one that waits for a review. How many."""
    made = {one.title: _published(one, company, at) for one in ARTICLES}
    _draft_beside(made[REWRITTEN], company, at)
    written = at - timedelta(days=WAITING.days)
    with telling_of(written):
        operations.propose(_written(WAITING, company, written), actor=company.actors["agent"])
    _use_some(made, company, at)
    return len(made) + 1


def _written(known: Known, company: Company, at: datetime) -> "Article":
    team = Team.objects.filter(slug=known.seen_by).first()
    return operations.create_article(
        actor=company.actors[known.by], at=at, title=known.title, symptoms=known.symptoms, body=known.body,
        audience=[f"team:{team.pk}" if team is not None else known.seen_by], service=company.services[known.service],
    )  # fmt: skip


def _published(known: Known, company: Company, at: datetime) -> "Article":
    then = at - timedelta(days=known.days)
    with telling_of(then):
        written = _written(known, company, then)
        proposed = operations.propose(written, actor=company.actors[known.by])
    read = then + timedelta(days=1)
    with telling_of(read):
        article = operations.publish(proposed, actor=company.actors["manager"], at=read)
    for people, helped in ((known.helped, True), (known.not_helped, False)):
        for name in people:
            operations.vote(article, actor=company.actors[name], helped=helped, at=at - timedelta(days=1))
    return article


def _draft_beside(article: "Article", company: Company, at: datetime) -> None:
    text = article.newest.body + "\n\nSince the new client, the log is under `Help > Diagnostics`."
    lately = at - timedelta(hours=5)
    with telling_of(lately):
        operations.edit_article(
            article, actor=company.actors["engineer"], version=article.version, at=lately, body=text
        )


def _use_some(made: "dict[str, Article]", company: Company, at: datetime) -> None:
    """The desk answered an open report with one of them, and noted another for itself."""
    agent = company.actors["agent"]
    rows = listed(agent).order_by("-pk")
    for title, article, how in (
        ("My order confirmation never came", "Your order confirmation did not arrive", TEXT),
        ("One bank answers after 30 seconds", "Payments: a bank answers slowly", NOTE),
    ):
        incident = rows.filter(title=title).first()
        if incident is not None:
            use_article(incident, made[article], actor=agent, how=how, at=at)
