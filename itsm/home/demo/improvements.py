"""What Larkspur wants to do better: one that helped, one under way, ideas, and one that was dropped."""

from datetime import datetime, timedelta

from catalog.improvement import operations
from catalog.knowledge.queries import visible_articles
from itsm.home.demo.founding import Company


def propose_some(company: Company, at: datetime) -> int:
    """Five, in different states; the first is measured before and after. How many."""
    actors, people, services = company.actors, company.people, company.services
    helped = operations.propose_improvement(
        actor=actors["agent"], title="Renew certificates by themselves", benefit=5, effort=2,
        why="Checkout stood still for six minutes because nobody had renewed one. Each team keeps its own dates.",
        owner=people["builder"], measure="pressing_28_days", due=(at - timedelta(days=20)).date(),
    )  # fmt: skip
    operations.accept(helped, actor=actors["manager"])
    operations.start(helped, actor=actors["builder"], at=at - timedelta(days=50))
    operations.finish(helped, actor=actors["builder"], at=at - timedelta(days=25))
    operations.conclude(helped, actor=actors["builder"], at=at - timedelta(days=9))
    doing = operations.propose_improvement(
        actor=actors["agent"],
        title="Answer the ten most frequent questions before they are asked", benefit=4, effort=3,
        why="A third of all calls ask what an article answers already.", owner=people["agent"],
        measure="incidents_28_days", service=services["workplace"], due=(at + timedelta(days=30)).date(),
    )  # fmt: skip
    operations.accept(doing, actor=actors["owner"])
    operations.start(doing, actor=actors["agent"], at=at - timedelta(days=4))
    if (article := visible_articles(actors["agent"]).order_by("pk").first()) is not None:
        operations.link(doing, actor=actors["agent"], to=article.reference)
    operations.propose_improvement(
        actor=actors["engineer"], title="One page for all owners of configuration items", benefit=3, effort=2,
        why="Findings wait for weeks because nobody knows whose they are.", measure="findings_open",
    )  # fmt: skip
    operations.propose_improvement(
        actor=actors["engineer"],
        title="Rebuild search in another language",
        benefit=2,
        effort=5,
        why="It would be faster.",
    )
    dropped = operations.propose_improvement(
        actor=actors["agent"], title="A second printer on floor 3", benefit=2, effort=3, measure="incidents_28_days"
    )
    operations.drop(dropped, actor=actors["manager"], because="The floor moves out in spring.")
    return 5
