"""What Larkspur learned from its incidents: problems in different states, of the demo's own incidents and outages.

What they burned is not told here: it is reckoned from the outages that the demo's measurements made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from changes.change.queries.listing import listed as changes_listed
from incidents.incident.queries import listed as incidents_listed
from incidents.problem import operations
from incidents.problem.operations.opening import MOST_ORIGINS
from itsm.audit.recording import telling_of
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company
from itsm.home.demo.nights import BANKS, DISKS
from slo.objectives import operations as slo

if TYPE_CHECKING:
    from changes.models import Change
    from incidents.models import Problem

TWO_DAYS = timedelta(days=2)
_SUCCEEDED = ("successful", "successful_with_issues")


@dataclass(frozen=True, slots=True)
class Story:
    """`titles`: of the incidents behind it; those that a burn of the service opened are behind it too where `burns`.

    `blames`: how the summary of the change begins that caused it. `end`: how far it came: analysing, known, fixing or
    verified.
    """

    service: str
    statement: str
    symptom: str
    titles: tuple[str, ...]
    end: str
    cause: str = ""
    workaround: str = ""
    public: bool = False
    burns: bool = False
    blames: str = ""
    days_ago: int = 9


STORIES = (
    Story(
        "search", "Searches wait while the index is merged",
        "Searches take seconds, or only some of the products are found, for about half an hour.",
        ("Search answers only from half of its nodes", DISKS.title), "known",
        cause="Merging large segments takes all disk bandwidth of a node.",
        workaround="Ask again after half an hour, or use the list of categories: it does not need the index.",
        public=True, burns=True,
    ),
    Story(
        "payments", "Payments hang when a bank's gateway does",
        "One bank's customers wait at the last step; the others' payments become slow after some minutes.",
        ("One bank answers after 30 seconds", BANKS.title), "fixing",
        cause="A slow gateway holds connections of the pool that all banks share.",
        workaround="Take the bank out of rotation in the payments console until its gateway answers again.",
        days_ago=23, blames="Payments 4.20.0",
    ),
    Story(
        "storefront", "Pages wait for previews of pictures that are made anew",
        "Every page of the shop is slow for some minutes after a release of the image delivery.",
        (), "analysing", blames="Image delivery", days_ago=12,
    ),
    Story(
        "notifications", "Mails leave late after the queue restarts",
        "Confirmations and delivery mails come an hour late, or not at all.",
        ("Delivery mails an hour late", "My order confirmation never came"), "analysing", days_ago=5,
    ),
    Story(
        "checkout", "Certificates run out unnoticed", "No orders at all; browsers warn about the certificate.",
        ("No orders for six minutes",), "verified", cause="Renewal was a note in somebody's calendar.",
        workaround="Renew it by hand: see the runbook of checkout.", days_ago=40,
    ),
)  # fmt: skip


def tell(company: Company, at: datetime) -> int:
    """Each story as far as it came, then what recurrence finds by itself. How many problems there are."""
    for story in STORIES:
        _lived(story, company, at)
    slo.rank_problems(actor=FOUNDER, at=at)
    proposed = operations.find_recurrence(at)
    slo.rank_problems(actor=FOUNDER, at=at)
    return len(STORIES) + proposed


def _lived(story: Story, company: Company, at: datetime) -> None:
    """Each step two days after the one before, where there was time for it."""
    agent, began = company.actors["agent"], at - timedelta(days=story.days_ago)
    behind = _behind(story)
    with telling_of(began):
        problem = operations.open_problem(
            actor=agent, statement=story.statement, symptom=story.symptom, service=company.services[story.service],
            workaround_public=story.public, raised_from=behind[:MOST_ORIGINS], at=began,
        )  # fmt: skip
        for incident in behind[MOST_ORIGINS:]:
            operations.connect(problem, actor=agent, to=incident, relation="caused")
        for change in _blamed(story):
            operations.connect(problem, actor=agent, to=change.reference, relation="caused_by")
        problem = operations.assess(problem, actor=agent, owner="agent")
    with telling_of(began + TWO_DAYS):
        operations.add_task(
            problem, actor=agent, title="Find out what the last three had in common", task_kind="analysis",
            assigned_to=company.people["builder"], due_at=at + timedelta(days=3),
        )  # fmt: skip
        if story.end == "analysing":
            return
        problem = operations.know(problem, actor=agent, cause=story.cause, workaround=story.workaround)
    with telling_of(began + 2 * TWO_DAYS):
        if story.end == "fixing":
            _fix(problem, _change_of(story, over=False), company)
        elif story.end == "verified":
            _fix(problem, _change_of(story, over=True), company, verified_at=began + timedelta(days=20))


def _behind(story: Story) -> list[str]:
    seen = incidents_listed(FOUNDER).filter(service__slug=story.service)
    named = seen.filter(title__in=story.titles)
    opened = seen.filter(source_key__startswith="burn:") if story.burns else seen.none()
    return [one.reference for one in (*named.order_by("pk"), *opened.order_by("pk")[:10])]


def _blamed(story: Story) -> list["Change"]:
    """The changes that caused it."""
    return list(changes_listed(FOUNDER).filter(summary__startswith=story.blames)) if story.blames else []


def _change_of(story: Story, *, over: bool) -> "Change | None":
    """A change of the service that may be its fix: one that went well, or one that is under way."""
    seen = changes_listed(FOUNDER).filter(service__slug=story.service)
    if over:
        return seen.filter(status="closed", outcome_code__in=_SUCCEEDED).order_by("pk").first()
    return seen.exclude(status__in=("closed", "cancelled")).order_by("pk").first()


def _fix(problem: "Problem", change: "Change | None", company: Company, verified_at: datetime | None = None) -> None:
    if change is None:  # a visitor's own company may have none
        return
    agent = company.actors["agent"]
    problem = operations.fix(problem, actor=agent, change=change.reference)
    if verified_at is not None:
        with telling_of(resolved_at := verified_at - timedelta(days=14)):
            problem = operations.resolve(problem, actor=agent, at=resolved_at)
        with telling_of(verified_at):
            operations.verify(problem, actor=agent, at=verified_at)
