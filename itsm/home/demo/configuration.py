"""What the company runs on comes in as anybody's does: three tools are read, and differ; a person settles one thing."""

from datetime import datetime, timedelta

from catalog.adapters.documents import File
from catalog.adapters.options import Options
from catalog.cmdb.queries.classes import living_classes
from catalog.health import operations as health
from catalog.reconciliation import operations
from catalog.reconciliation.queries.listed import conflicts
from catalog.reconciliation.queries.reading import read_files
from itsm.home.demo import estate
from itsm.home.demo.capacity import measure_some
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company
from itsm.kernel.errors import Conflict

_NETBOX = (4, 2)  # the version whose export it is


def bring_in(company: Company, at: datetime) -> int:
    """The estate as of this instant, in the caller's transaction. Returns how many items came of it."""
    made = 0
    for format_, (name, content) in estate.files(at).items():
        source = operations.source_for(format_, actor=FOUNDER)
        read = read_files(format_, [File(name, content)], Options(api_version=_NETBOX))
        run = operations.apply(operations.plan(source, read, actor=FOUNDER), actor=FOUNDER)
        made += run.counts.get("created", 0)
    _settle_one(company)
    _ask_round(company, at)
    measure_some(at)
    health.examine_all(actor=FOUNDER, at=at)
    health.keep_day(at=at)
    return made


def _ask_round(company: Company, at: datetime) -> None:
    """One round ran out unanswered, another asks now."""
    for name, slug in (("Firewalls in autumn", "firewall"), ("Switches before the freeze", "switch")):
        ci_class = next((one for one in living_classes() if one.slug == slug), None)
        made = health.plan_round(
            actor=company.actors["owner"], name=name, due=(at + timedelta(days=21)).date(), at=at, ci_class=ci_class
        )
        try:
            health.open_round(made, actor=company.actors["owner"], at=at)
        except Conflict:  # the estate has none of these
            continue
        if slug == "firewall":
            health.close_round(made, actor=company.actors["owner"], at=at)


def _settle_one(company: Company) -> None:
    """The service owner has looked at one of the machines on which the tools differ."""
    differs = conflicts(FOUNDER).filter(state="open", key__startswith="attributes.").order_by("pk").first()
    if differs is not None:
        operations.settle(differs, "holds", actor=company.actors["owner"], why="Looked at the machine itself")
