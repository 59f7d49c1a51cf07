"""What Larkspur wrote down after its outages: one published with its actions, one still a draft, one waived."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from incidents.incident.queries import listed
from incidents.postmortem import operations
from incidents.postmortem.queries import of_incident
from itsm.audit.recording import telling_of
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company

if TYPE_CHECKING:
    from incidents.models import Incident, Postmortem, PostmortemAction

DRAFT_OF = "Pictures missing after a deployment"
WAIVED_OF = "Sign-in loops for one browser"
DAY = timedelta(days=1)


def published(incident: "Incident", company: Company, at: datetime) -> "Postmortem":
    """Of an incident of priority 1: written by the agent, published by the manager two days later."""
    with telling_of(at + timedelta(hours=5)):
        draft, done = _written(incident, company, at)
    agent, builder, manager = (company.actors[name] for name in ("agent", "builder", "manager"))
    with telling_of(at + DAY):
        draft = operations.submit(draft, actor=agent)
    with telling_of(at + 2 * DAY):
        out = operations.publish(draft, actor=manager, at=at + 2 * DAY)
    with telling_of(at + 12 * DAY):
        operations.finish_action(
            out, done, actor=builder, outcome="They are renewed by the platform; the note is deleted.",
            at=at + 12 * DAY,
        )  # fmt: skip
    return out


def _written(incident: "Incident", company: Company, at: datetime) -> "tuple[Postmortem, PostmortemAction]":
    """The draft with its actions, and the one of them that is done by now."""
    agent = company.actors["agent"]
    draft = of_incident(incident, FOUNDER)
    if draft is None:  # begun by itself, as it was resolved
        draft = operations.open_postmortem(actor=agent, incident=incident, at=at)
    draft = operations.edit(
        draft, actor=agent, version=draft.version,
        title="No orders for six minutes: a certificate had run out",
        impact="Nobody could order for six minutes on a Tuesday morning; about 140 baskets were left, 120 of them came "
        "back within the hour.",
        factors=[
            "The certificate was renewed by hand, from a note in a calendar.",
            "No alert looks at how long certificates are still valid.",
            "The check of the shop's start page does not go through the checkout.",
        ],
        went_well="The runbook named the one file to replace; the new certificate was in place four minutes after "
        "it was found.",
        went_badly="The first three minutes went into the payment provider, whose status page was green.",
        lucky="It ran out at 06:10, before the morning's mail brought most customers.",
    )  # fmt: skip
    operations.add_event(draft, actor=agent, at=at + timedelta(minutes=3), text="Browsers warned about the certificate")
    done = operations.add_action(
        draft, actor=agent, action_type="prevent", text="Renew certificates by themselves, 30 days before they run out",
        owner=company.people["builder"], due_at=at + 14 * DAY,
    )  # fmt: skip
    operations.add_action(
        draft, actor=agent, action_type="detect", text="Ring when a certificate is valid for less than 14 days",
        owner=company.people["agent"], due_at=at + 21 * DAY,
    )  # fmt: skip
    operations.add_action(
        draft, actor=agent, action_type="learn", text="Tell the other teams which of their certificates nobody renews",
        owner=company.people["owner"], due_at=at + 120 * DAY,
    )  # fmt: skip
    return draft, done


def tell(company: Company, at: datetime) -> int:
    """A draft and a waiver of incidents that are over. How many."""
    with telling_of(at - 2 * DAY):
        _drafted(company, at)
    with telling_of(at - 5 * DAY):
        _waived(company, at)
    return 2


def _drafted(company: Company, at: datetime) -> None:
    agent = company.actors["agent"]
    draft = _begun(DRAFT_OF, company, at - 2 * DAY)
    draft = operations.edit(
        draft, actor=agent, version=draft.version,
        impact="A third of the product pictures was missing for forty minutes. Somebody should have noticed earlier.",
        factors=["The build did not count the files that it packed."],
    )  # fmt: skip
    operations.add_action(
        draft, actor=agent, action_type="mitigate", text="Serve the picture of the release before where one is missing",
        owner=company.people["engineer"], due_at=at + 10 * DAY,
    )  # fmt: skip


def _waived(company: Company, at: datetime) -> None:
    agent, owner = (company.actors[name] for name in ("agent", "owner"))
    none = _begun(WAIVED_OF, company, at - 6 * DAY)
    none = operations.ask_waiver(
        none, actor=agent,
        waiver_reason="One browser, one cookie, corrected the same day: what it taught stands in the resolution.",
    )  # fmt: skip
    operations.waive(none, actor=owner, at=at - 5 * DAY)


def _begun(title: str, company: Company, at: datetime) -> "Postmortem":
    incident = listed(FOUNDER).filter(title=title).order_by("pk")[0]
    return operations.open_postmortem(actor=company.actors["agent"], incident=incident, at=at)
