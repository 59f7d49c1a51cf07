"""Documents of played sources, brought in as files of theirs would be."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from catalog.cmdb.models import CI
from catalog.formats.documents import Claimed, Document, Read
from catalog.reconciliation.models import Run
from catalog.reconciliation.operations import apply, plan, source_for
from itsm.kernel.actors import Actor

BRINGER = Actor.system("import")


def server(
    key: str,
    name: str = "",
    *,
    ci_class: str = "virtual_machine",
    relations: Sequence[Claimed] = (),
    observed_at: datetime | None = None,
    identifiers: dict[str, str] | None = None,
    **attributes: Any,
) -> Document:
    """`serial=` and the like go to `identifiers`; a serial comes with a vendor. Everything else is an attribute."""
    known = {"serial", "vendor", "uuid", "asset_tag", "fqdn", "system"}
    found = {**(identifiers or {}), **{name: attributes.pop(name) for name in known & attributes.keys()}}
    if "serial" in found:
        found.setdefault("vendor", "Dell Inc.")
    ours = {
        name: attributes.pop(name) for name in ("status", "environment", "owner", "description") if name in attributes
    }
    return Document(
        key=key, class_slug=ci_class, name=name or key, identifiers=found, attributes=attributes, relations=relations,
        observed_at=observed_at, **ours,
    )  # fmt: skip


def bring(source: str, *documents: Document, dry: bool = False, complete: bool = False, atomic: bool = False) -> Run:
    """A run of this source (its format by its name before a dash), planned and applied."""
    run = begun(source, *documents, dry=dry, complete=complete, atomic=atomic)
    return apply(run, actor=BRINGER)


def begun(source: str, *documents: Document, **options: bool) -> Run:
    """The same, only planned."""
    found = source_for(source.partition("-")[0], source, actor=BRINGER)
    return plan(found, Read(documents=documents, count=len(documents)), actor=BRINGER, **options)


def item(key: str, source: str = "") -> CI:
    """The item that a record of this key speaks of."""
    found = CI.objects.select_related("ci_class").filter(records__key=key)
    return (found.filter(records__source__slug=source) if source else found).get()


def counts(run: Run) -> dict[str, int]:
    return {name: run.counts.get(name, 0) for name in ("created", "updated", "unchanged", "refused")}
