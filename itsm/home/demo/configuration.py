"""What the company runs on comes in as anybody's does: three tools are read, and differ; a person settles one thing."""

from datetime import datetime, timedelta

from catalog.cmdb.operations import edit_item
from catalog.cmdb.queries.classes import living_classes
from catalog.cmdb.queries.items import visible_items
from catalog.formats.documents import File
from catalog.formats.options import Options
from catalog.health import operations as health
from catalog.reconciliation import operations
from catalog.reconciliation.queries.listed import conflicts
from catalog.reconciliation.queries.reading import read_files
from itsm.accounts.models import Team
from itsm.fields import queries as fields
from itsm.fields.operations import edit_field
from itsm.home.demo import estate
from itsm.home.demo.capacity import measure_some
from itsm.home.demo.company import FOUNDER
from itsm.home.demo.founding import Company
from itsm.kernel.errors import Conflict

_NETBOX = (4, 2)  # the version whose export it is


def bring_in(company: Company, at: datetime) -> int:
    """The estate as of this instant, in the caller's transaction. Returns how many items came of it."""
    spring = at - timedelta(days=200)
    made = _taken_in("csv", *estate.earlier(), spring)
    for format_, (name, content) in estate.files(at).items():
        made += _taken_in(format_, name, content, None)
    _ask_for_addresses(company)
    _enlarge_some(company)
    _settle_one(company)
    _say_who_helps(company)
    _ask_round(company, at)
    measure_some(at)
    health.examine_all(actor=FOUNDER, at=at)
    health.keep_day(at=at)
    return made


def _taken_in(format_: str, name: str, content: bytes, seen_at: datetime | None) -> int:
    """How many items came of this file."""
    source = operations.source_for(format_, actor=FOUNDER)
    read = read_files(format_, [File(name, content)], Options(api_version=_NETBOX))
    run = operations.apply(operations.plan(source, read, actor=FOUNDER), actor=FOUNDER, at=seen_at)
    return int(run.counts.get("created", 0))


def _ask_for_addresses(company: Company) -> None:
    """Since last month nobody adds a printer without its address; those that are there have none."""
    field = next(one for one in fields.live("ci:printer") if one.key == "primary_ip")
    edit_field(field, actor=company.actors["admin"], version=field.version, required="create")


def _enlarge_some(company: Company) -> None:
    """Somebody gave machines more memory, and asked nobody; one of them is for tests, where that is fine."""
    for name in ("dwh-01", "dwh-02", "dwh-03"):
        item = visible_items(FOUNDER).filter(name=name).first()
        if item is not None:
            memory = {"memory_mib": 131_072}
            edit_item(item, actor=company.actors["owner"], version=item.version, attributes=memory)


def _say_who_helps(company: Company) -> None:
    """Payments and data have their machines looked after; the other teams have not said yet who is called first."""
    platform = Team.objects.get(slug="platform")
    machines = visible_items(FOUNDER).filter(team__slug__in=("payments", "data")).exclude(description="")
    for item in machines.filter(ci_class__slug="virtual_machine").order_by("pk"):
        edit_item(item, actor=company.actors["owner"], version=item.version, support_team=platform)


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
