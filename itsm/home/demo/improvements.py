"""What Larkspur wants to do better: some that helped, one under way, ideas with what they are about, and a dropped one.

What they are measured by is counted of the company's own past, before and after.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from catalog.improvement import operations
from catalog.improvement.queries import offered_sources
from catalog.knowledge.queries import visible_articles
from itsm.audit.recording import telling_of
from itsm.home.demo.founding import Company
from itsm.home.demo.nights import BETTER_SINCE

if TYPE_CHECKING:
    from catalog.models import Improvement


def propose_some(company: Company, at: datetime) -> int:
    """Eight, in different states; two are measured before and after. How many."""
    helped = [_certificates(company, at), _slow_banks(company, at)]
    doing = _articles(company, at)
    with telling_of(at - timedelta(days=6)):
        ideas = _ideas(company, at)
    with telling_of(at - timedelta(days=30)):
        dropped = operations.propose_improvement(
            actor=company.actors["agent"], title="A second printer on floor 3", benefit=2, effort=3,
            measure="incidents_28_days",
        )  # fmt: skip
        operations.drop(dropped, actor=company.actors["manager"], because="The floor moves out in spring.")
    return len([*helped, doing, *ideas, dropped])


def _certificates(company: Company, at: datetime) -> "Improvement":
    with telling_of(at - timedelta(days=52)):
        one = operations.propose_improvement(
            actor=company.actors["agent"], title="Renew certificates by themselves", benefit=5, effort=2,
            why="Checkout stood still for six minutes because nobody had renewed one. Each team keeps its own dates.",
            owner=company.people["builder"], measure="pressing_28_days", due=(at - timedelta(days=20)).date(),
            about=_of(company, "certificate"),
        )  # fmt: skip
    return _done(one, company, "builder", at - timedelta(days=50), at - timedelta(days=25), at - timedelta(days=9))


def _slow_banks(company: Company, at: datetime) -> "Improvement":
    """Nights became quiet from then on."""
    better = at - timedelta(weeks=BETTER_SINCE)
    with telling_of(better - timedelta(days=9)):
        one = operations.propose_improvement(
            actor=company.actors["engineer"], title="Give up on a slow bank by itself", benefit=4, effort=3,
            why="Three people get up three nights a week to take a bank out of rotation.",
            owner=company.people["engineer"], measure="toil_4_weeks", due=(better + timedelta(days=3)).date(),
            about=_of(company, "Payments hang"),
        )  # fmt: skip
    return _done(one, company, "engineer", better - timedelta(days=2), better, at)


def _done(
    one: "Improvement", company: Company, who: str, began: datetime, ended: datetime, shown: datetime
) -> "Improvement":
    actor = company.actors[who]
    with telling_of(began):
        operations.accept(one, actor=company.actors["manager"])
        operations.start(one, actor=actor, at=began)
    with telling_of(ended):
        operations.finish(one, actor=actor, at=ended)
    with telling_of(shown):
        return operations.conclude(one, actor=actor, at=shown)


def _articles(company: Company, at: datetime) -> "Improvement":
    agent = company.actors["agent"]
    article = visible_articles(agent).order_by("pk").first()
    with telling_of(began := at - timedelta(days=4)):
        doing = operations.propose_improvement(
            actor=agent, title="Answer the ten most frequent questions before they are asked", benefit=4, effort=3,
            why="A third of all calls ask what an article answers already.", owner=company.people["agent"],
            measure="incidents_28_days", service=company.services["workplace"],
            due=(at + timedelta(days=30)).date(), about=[article.reference] if article is not None else [],
        )  # fmt: skip
        operations.accept(doing, actor=company.actors["owner"])
        return operations.start(doing, actor=agent, at=began)


def _ideas(company: Company, at: datetime) -> "list[Improvement]":
    """Of what is known by now: findings of the catalog, a problem that burned most, toil."""
    engineer, owner = company.actors["engineer"], company.actors["owner"]
    said: tuple[tuple[str, int, int, str, str | None, list[str], str], ...] = (
        ("One page for all owners of configuration items", 3, 2, "findings_open", None, _of(company, ": not "),
         "Findings wait for weeks because nobody knows whose they are."),
        ("Merge the search index at night", 5, 2, "incidents_28_days", "search", _of(company, "index is merged"),
         "It takes the disks while customers search, and most of the error budget with them."),
        ("Nobody gets up for a full disk", 4, 2, "toil_4_weeks", "search", [],
         "Old segments are deleted by hand every other week, at three in the morning."),
        ("Rebuild search in another language", 2, 5, "", "search", [], "It would be faster."),
    )  # fmt: skip
    return [
        operations.propose_improvement(
            actor=owner if measure == "toil_4_weeks" else engineer, title=title, benefit=benefit, effort=effort,
            why=why, measure=measure, service=company.services[service] if service else None, about=about,
        )
        for title, benefit, effort, measure, service, about, why in said
    ]  # fmt: skip


def _of(company: Company, words: str) -> list[str]:
    """The first of the records that a page would offer whose label holds these words."""
    offered = offered_sources(company.actors["manager"], None)
    found = [reference for _label, group in offered for reference, label in group if words in label]
    return found[:1]
