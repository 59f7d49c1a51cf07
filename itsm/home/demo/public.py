"""What Larkspur's customers are told: a status page with its past, what fails now, what is planned."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from itsm.audit.recording import telling_of
from itsm.home.demo.founding import Company
from itsm.kernel.actors import Actor
from itsm.statuspage.models import Component, StatusPage
from itsm.statuspage.operations import keeping, notices, subscribing
from itsm.statuspage.operations.maintenance import move_maintenance, plan_maintenance

HOUR = timedelta(hours=1)
# Name for the public, group, service behind it, objective that measures it.
_COMPONENTS = (
    ("Shop", "Buying", "storefront", ""),
    ("Search", "Buying", "search", "search-answers"),
    ("Checkout", "Buying", "checkout", ""),
    ("Card payments", "Paying", "payments", ""),
    ("Sign-in", "Your account", "accounts", ""),
    ("Messages about orders", "Your account", "notifications", ""),
)
# Days ago, hours it lasted, component, state, title, why, what helped.
_PAST = (
    (12, 1.4, "Card payments", "major_outage", "Card payments fail", "The bank's certificate changed.",
     "Payments go through again. Nothing was charged twice."),
    (26, 3.0, "Search", "degraded_performance", "Searches take long", "An index was rebuilt by day.",
     "Searches answer as usual."),
    (41, 0.7, "Checkout", "partial_outage", "Some orders cannot be placed", "A release refused gift cards.",
     "The release was taken back."),
    (63, 5.5, "Messages about orders", "partial_outage", "Order messages arrive late", "A mail server was full.",
     "All messages were sent."),
)  # fmt: skip


def tell(company: Company, at: datetime) -> int:
    """The page with 90 days behind it. How many notices."""
    keeper, speaker = company.actors["manager"], company.actors["agent"]
    since = at - timedelta(days=120)
    with telling_of(since):
        page = keeping.create_page(
            actor=keeper, name="Larkspur", slug="larkspur", zone="Europe/Berlin",
            about="The shop, payments and messages of Larkspur. For your own order ask the desk.",
        )  # fmt: skip
        parts = {
            name: keeping.add_component(
                page, actor=keeper, at=since, name=name, group=group, service=company.services[service],
                objective=objective,
            )
            for name, group, service, objective in _COMPONENTS
        }  # fmt: skip
    for story in _PAST:
        _past(page, parts, speaker, at, story)
    _planned(page, parts, speaker, at)
    _now(page, parts, speaker, at)
    for number in range(3):
        address = f"customer-{number}@example.org"
        subscribing.subscribe(page, address=address, everything=True, components=[], at=at - timedelta(hours=1))
        subscribing.confirm(page.subscribers.get(address=address), at=at)
    return len(_PAST) + 3


def _past(
    page: StatusPage,
    parts: Mapping[str, Component],
    speaker: Actor,
    at: datetime,
    story: tuple[int, float, str, str, str, str, str],
) -> None:
    days, hours, name, state, title, why, helped = story
    began = (at - timedelta(days=days)).replace(hour=9, minute=12, second=0, microsecond=0)
    with telling_of(began):
        told = notices.publish(
            page, actor=speaker, at=began, title=title, body=f"{title}. We are looking for the cause.",
            states={parts[name].pk: state},
        )  # fmt: skip
        notices.publish_update(
            told, actor=speaker, at=began + hours * HOUR / 3, action="identify", body=f"{why} We are on it."
        )
        notices.publish_update(told, actor=speaker, at=began + hours * HOUR, action="resolve", body=helped)


def _planned(page: StatusPage, parts: Mapping[str, Component], speaker: Actor, at: datetime) -> None:
    """One that was, one that comes."""
    night = (at - timedelta(days=6)).replace(hour=1, minute=0, second=0, microsecond=0)
    with telling_of(night - 48 * HOUR):
        done = plan_maintenance(
            page, actor=speaker, at=night - 48 * HOUR, title="Database upgrade", starts_at=night,
            ends_at=night + 2 * HOUR, body="Sign-in may ask a second time.", components=[parts["Sign-in"].pk],
        )  # fmt: skip
    with telling_of(night):
        move_maintenance(done, actor=speaker, at=night, action="begin", body="The upgrade has begun.")
        move_maintenance(done, actor=speaker, at=night + HOUR, action="complete", body="Done an hour early.")
    soon = (at + timedelta(days=3)).replace(hour=2, minute=0, second=0, microsecond=0)
    plan_maintenance(
        page, actor=speaker, at=at, title="New payment terminals", starts_at=soon, ends_at=soon + HOUR,
        body="Card payments pause for up to five minutes. Orders wait and are paid afterwards.",
        components=[parts["Card payments"].pk, parts["Checkout"].pk],
    )  # fmt: skip


def _now(page: StatusPage, parts: Mapping[str, Component], speaker: Actor, at: datetime) -> None:
    began = at - timedelta(minutes=47)
    with telling_of(began):
        told = notices.publish(
            page, actor=speaker, at=began, title="Searches fail or take long",
            states={parts["Search"].pk: "partial_outage"},
            body="About one search in ten fails. You still find everything by the categories.",
            next_update_at=began + timedelta(minutes=30),
        )  # fmt: skip
    with telling_of(at - timedelta(minutes=12)):
        notices.publish_update(
            told, actor=speaker, at=at - timedelta(minutes=12), action="identify",
            body="A release of this morning is the cause. It is taken back now.",
            next_update_at=at + timedelta(minutes=18),
        )  # fmt: skip
