"""Situations of configuration items, made through the operations that people use. Nothing is random."""

from itertools import count
from typing import Any

from django.db import transaction

from catalog.cmdb import operations
from catalog.cmdb.operations.dependencies import rewire
from catalog.models import CI, CIClass, Relation, RelationType, Service
from catalog.services.operations.dependencies import Rewiring
from itsm.accounts.models import Team
from itsm.kernel.actors import Actor

KEEPER = Actor.system("tests")
_numbers = count(1)


def a_class(slug: str) -> CIClass:
    return CIClass.objects.get(slug=slug)


def a_type(slug: str) -> RelationType:
    return RelationType.objects.get(slug=slug)


def an_item(ci_class: str = "virtual_machine", *, actor: Actor = KEEPER, **fields: Any) -> CI:
    """In service, owned by the team of items, unless said otherwise."""
    team, _ = Team.objects.get_or_create(slug="items", defaults={"name": "Items"})
    wanted = {"name": f"item-{next(_numbers)}", "status": "active", "team": team} | fields
    return operations.open_item(actor=actor, ci_class=a_class(ci_class), **wanted)


def joined(source: Any, target: Any, type: str = "depends_on", *, actor: Actor = KEEPER, **terms: Any) -> Relation:
    """A relation between two items; a service stands for its item."""
    first, second = (CI.objects.select_related("ci_class").get(pk=one.pk) for one in (source, target))
    return operations.relate(first, second, a_type(type), actor=actor, **terms)


def relies_on(service: Service, *providers: Service, needs: int = 1) -> None:
    """A service depends on another one, or on `needs` of several; nobody is asked, as if it had been so for long."""
    with transaction.atomic():
        rewire(service, Rewiring([], [([one.pk for one in providers], needs)]), KEEPER)
