"""What went wrong at Larkspur: incidents long over, and the few that are open. Data, and how they were handled."""
# ruff: noqa: E501 -- a table is read in lines

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from catalog.cmdb.queries.impact import impact
from catalog.cmdb.queries.items import by_reference
from incidents.incident import operations
from itsm.audit.recording import telling_of
from itsm.home.demo import majors, postmortems
from itsm.home.demo.founding import Company
from itsm.kernel.references import reference

if TYPE_CHECKING:
    from incidents.models import Incident


@dataclass(frozen=True, slots=True)
class Trouble:
    """`end` is the last step taken: none, acknowledge, hold, resolve, close or cancel."""

    service: str
    priority: int
    title: str
    end: str
    words: str = ""
    by: str = "agent"


OVER = frozenset({"resolve", "close", "cancel"})
DAY = timedelta(days=1)
TEN_WEEKS = timedelta(weeks=10)
# What is more pressing is resolved sooner.
TAKES = {
    1: timedelta(minutes=50),
    2: timedelta(hours=4),
    3: timedelta(hours=9),
    4: timedelta(days=2),
    5: timedelta(days=5),
}

# fmt: off
TROUBLES = (
    Trouble("checkout", 2, "Orders fail for customers with gift cards", "close", "A rounding rule refused the last cent; fixed in 31.1."),
    Trouble("payments", 2, "One bank answers after 30 seconds", "close", "The bank repaired its gateway; we now give up after eight seconds."),
    Trouble("storefront", 3, "Product page shows yesterday's price", "close", "Cache kept a day too long; shortened to five minutes."),
    Trouble("accounts", 3, "Password mail arrives twice", "close", "A retry without a key; the queue now knows what it sent.", "requester"),
    Trouble("search", 3, "Umlauts find nothing", "close", "Index rebuilt with the right analyser."),
    Trouble("catalogue", 4, "Picture of the blue mug is green", "close", "Picture replaced."),
    Trouble("warehouse", 3, "Scanner at gate 4 loses its network", "close", "Access point replaced."),
    Trouble("notifications", 2, "Delivery mails an hour late", "close", "Worker count doubled, queue drained."),
    Trouble("data-platform", 4, "Sunday report is empty", "close", "Clock change; job now runs in UTC."),
    Trouble("image-cdn-west", 3, "Pictures load slowly in the evening", "close", "A disk was nearly full; old sizes deleted."),
    Trouble("checkout", 1, "No orders for six minutes", "close", "A certificate had run out. It is renewed by itself now."),
    Trouble("payments", 3, "Refund shows the wrong currency", "close", "Label corrected; amounts were right."),
    Trouble("storefront", 4, "Search field too small on phones", "close", "Wider since 71.4.", "requester"),
    Trouble("accounts", 2, "Sign-in loops for one browser", "close", "Cookie attribute corrected."),
    Trouble("search", 4, "Suggestions in the wrong language", "close", "Language comes from the address now."),
    Trouble("catalogue", 3, "Stock count negative", "close", "Two bookings of one parcel; booked once now."),
    Trouble("warehouse", 4, "Labels print without postcode", "close", "Template corrected."),
    Trouble("notifications", 4, "Old logo in mails", "close", "Replaced.", "requester"),
    Trouble("data-platform", 3, "Dashboard asks for a password again and again", "close", "Session lengthened to a working day."),
    Trouble("image-cdn-east", 2, "Pictures missing after a deployment", "close", "Rolled back; the build now counts files."),
    Trouble("status", 4, "Status page shows an incident that is over", "close", "Text corrected."),
    Trouble("checkout", 3, "Voucher field hidden on tablets", "close", "Corrected in 31.0.2."),
    Trouble("payments", 4, "Receipt lists the shop's old address", "close", "Address changed."),
    Trouble("storefront", 2, "Start page slow after the morning mail", "close", "Start page is cached for visitors without a basket."),
    Trouble("accounts", 4, "Typo in the consent text", "close", "Corrected."),
    Trouble("search", 2, "Search answers only from half of its nodes", "resolve", "Two nodes had lost the index; restored from their neighbours."),
    Trouble("catalogue", 4, "Weight of the kettle is 12 tons", "resolve", "12 kg. Corrected."),
    Trouble("warehouse", 3, "Conveyor counts parcels twice", "resolve", "Sensor cleaned."),
    Trouble("accounts", 4, "Cannot change my e-mail address", "cancel", "Works; the new address was misspelt.", "requester"),
    Trouble("storefront", 5, "Snow on the start page in spring", "cancel", "Meant to be there until the sale."),
    # Open ones. None is critical or major: that would hold every change of its service.
    Trouble("warehouse", 2, "Warehouse sends no measurements", "acknowledge", "I am looking at it.", "builder"),
    Trouble("checkout", 3, "Some company orders lack the tax number", "hold", "Waiting for the accountants' answer.", "builder"),
    Trouble("catalogue", 4, "Three products without a picture", ""),
    Trouble("notifications", 3, "My order confirmation never came", "", "", "requester"),
)
# fmt: on


def tell_all(company: Company, at: datetime) -> int:
    """Report and handle each of them, over the ten weeks before the founding; the open ones came last."""
    past = [trouble for trouble in TROUBLES if trouble.end in OVER]
    live = [trouble for trouble in TROUBLES if trouble.end not in OVER]
    for place, trouble in enumerate(past):
        late = 1.6 if place % 5 == 3 else 0.7  # most are in time
        _handle(trouble, company, at - TEN_WEEKS * (len(past) - place) / len(past), TAKES[trouble.priority] * late)
    for place, trouble in enumerate(live):
        incident = _handle(trouble, company, at - timedelta(minutes=190 - 45 * place), TAKES[trouble.priority])
        if trouble.end == "acknowledge":
            _name_what_failed(incident, company)
    return len(TROUBLES)


def _name_what_failed(incident: "Incident", company: Company) -> None:
    """Who works on it says which host it is, where its service stands on any."""
    agent = company.actors["agent"]
    below = impact(by_reference(agent, reference("CI", incident.service_id or 0)), agent, direction="down").nodes
    hosts = [one for one in below if one.class_slug == "physical_server"] or below
    if hosts:
        operations.connect(incident, actor=agent, to=hosts[0].reference, relation="affects")


def _handle(trouble: Trouble, company: Company, at: datetime, takes: timedelta) -> "Incident":
    with telling_of(at):
        incident = operations.open_incident(
            actor=company.actors[trouble.by],
            title=trouble.title,
            service=company.services[trouble.service],
            priority=trouble.priority,
            at=at,
        )
    seen, over = at + min(takes / 12, timedelta(minutes=40)), at + takes
    if trouble.end and trouble.end != "cancel":
        with telling_of(seen):
            operations.acknowledge(incident, actor=company.actors["agent"], at=seen)
    room = majors.led(incident, company, seen) if incident.is_grave else None
    # What is none is cancelled as soon as somebody sees it: by the time that its kind takes, one lay in the future.
    with telling_of(over if trouble.end in OVER - {"cancel"} else seen):
        _end(incident, trouble, company, at, over)
    if trouble.end == "close":
        if incident.is_grave:
            postmortems.published(incident, company, at)
        with telling_of(at + 3 * DAY):
            operations.close(incident, actor=company.actors["manager"])
        if room is not None:
            majors.concluded(room, company, at + 3 * DAY)
    return incident


def _end(incident: "Incident", trouble: Trouble, company: Company, at: datetime, over: datetime) -> None:
    agent = company.actors["agent"]
    if trouble.end == "cancel":
        operations.cancel(incident, actor=agent, cancel_code="not_an_incident", reason=trouble.words)
    if trouble.end == "acknowledge":
        operations.reply(incident, actor=agent, text=trouble.words, at=at + timedelta(minutes=20))
    if trouble.end == "hold":
        operations.reply(incident, actor=agent, text=trouble.words, at=at + timedelta(minutes=30))
        operations.hold(incident, actor=agent, hold_reason="other", reason=trouble.words)
    if trouble.end in ("resolve", "close"):
        operations.resolve(incident, actor=agent, resolution_code="solved", resolution=trouble.words, at=over)
