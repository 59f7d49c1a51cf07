"""Who stands behind a change that a violation names: none of these people clears it."""

from collections.abc import Collection

from changes.change.models import Change
from itsm.invariants import concerned
from itsm.kernel.references import number_in


def of_changes(references: Collection[str]) -> concerned.Concerned:
    """The services of these changes, and whoever has an interest in one of them."""
    numbers = [number for one in references if (number := number_in(one, "CHG")) is not None]
    found = list(Change.objects.filter(pk__in=numbers))
    accounts = {account for change in found for account in change.interested if account is not None}
    return concerned.Concerned(frozenset(one.service_id for one in found), frozenset(accounts))


def of_decisions(references: Collection[str]) -> concerned.Concerned:
    """The same by decisions of the gate."""
    numbers = [int(one.removeprefix("decision-")) for one in references if one.removeprefix("decision-").isdigit()]
    found = Change.objects.filter(decisions__in=numbers).distinct()
    return of_changes([one.reference for one in found])


def register() -> None:
    """Called once, at start."""
    concerned.register(Change.kind, of_changes)
    concerned.register("decision", of_decisions)
