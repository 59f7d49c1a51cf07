"""What the company runs on comes in as anybody's does: three tools are read, and differ; a person settles one thing."""

from datetime import datetime

from catalog.adapters.documents import File
from catalog.adapters.options import Options
from catalog.reconciliation import operations
from catalog.reconciliation.queries.listed import conflicts
from catalog.reconciliation.queries.reading import read_files
from itsm.home.demo import estate
from itsm.home.demo.founding import FOUNDER, Company

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
    return made


def _settle_one(company: Company) -> None:
    """The service owner has looked at one of the machines on which the tools differ."""
    differs = conflicts(FOUNDER).filter(state="open", key__startswith="attributes.").order_by("pk").first()
    if differs is not None:
        operations.settle(differs, "holds", actor=company.actors["owner"], why="Looked at the machine itself")
