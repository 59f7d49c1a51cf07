"""Items that a change names as affected: as the gate, its evidence and its readers know them."""

from collections.abc import Collection, Iterable

from django.db.models.functions import Coalesce

from catalog.cmdb.models import CI
from catalog.cmdb.models.items import PREFIX
from catalog.cmdb.queries.history import HIDDEN
from catalog.services.models import Service
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in, reference


def living(ids: Collection[int]) -> list[int]:
    """The items that these are now: of one that was merged, what it lives on in. One query; none for no ids."""
    if not ids:
        return []
    now = CI.objects.filter(pk__in=ids).values_list(Coalesce("merged_into_id", "id"), flat=True)
    return sorted(set(now))


def in_evidence(ids: Collection[int]) -> dict[int, str]:
    """Item -> its reference, "..." for a confidential one: evidence is read by all who work here. One query at most."""
    rows = CI.objects.filter(pk__in=ids).values_list("pk", "confidential") if ids else ()
    return {pk: HIDDEN if secret else reference(PREFIX, pk) for pk, secret in rows}


def hidden_among(actor: Actor, ids: Iterable[int]) -> frozenset[int]:
    """Those of these items that the actor may not see, or that are gone. One query; none for no ids."""
    wanted = set(ids)
    if not wanted:
        return frozenset()
    return frozenset(wanted.difference(CI.objects.visible_to(actor).filter(pk__in=wanted).values_list("pk", flat=True)))


def shown(ids: Collection[int], hidden: Collection[int]) -> list[str]:
    """Their references, "..." for each that is hidden."""
    return [HIDDEN if one in hidden else reference(PREFIX, one) for one in ids]


def named_for(actor: Actor, ids: Collection[int]) -> dict[int, str]:
    """Each of these items by reference and name, "..." for one that the reader may not see or that is gone. One query;
    none for no ids.
    """
    rows = CI.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", "name") if ids else ()
    return dict.fromkeys(ids, HIDDEN) | {pk: f"{reference(PREFIX, pk)} {name}" for pk, name in rows}


def services_among(ids: Collection[int]) -> list[str]:
    """The slugs of those that are services. One query; none for no ids."""
    return list(Service.objects.filter(pk__in=ids).order_by("pk").values_list("slug", flat=True)) if ids else []


def called(references: Iterable[str]) -> dict[str, str]:
    """Reference -> name, of those that anybody who works here may read. One query; none where no item is among them."""
    numbers = {number for one in references if (number := number_in(one, PREFIX)) is not None}
    rows = CI.objects.filter(pk__in=numbers, confidential=False).values_list("pk", "name") if numbers else ()
    return {reference(PREFIX, pk): name for pk, name in rows}
