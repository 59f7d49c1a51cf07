"""Parents and children, one level: what is resolved with its parent, and what stands in the way of that."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from incidents.incident.models import Incident
from incidents.incident.operations import kinship
from incidents.incident.operations.merged import require_unmerged
from incidents.incident.workflow import OPEN
from itsm import lifecycle
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, DomainError, MissingInformation


@transaction.atomic
def set_parent(incident: Incident, *, actor: Actor, parent: str) -> Incident:
    """Make it the child of another (a reference); it is resolved with that one. Again the same: nothing.

    Raises NotPermitted, InvalidInput for a parent that is unseen, Conflict (itself, more than one level, merged, over).
    """
    kinship.one_at_a_time()
    wanted = kinship.named(actor, parent, "parent")
    held = kinship.locked_together({incident.pk, wanted})
    child, above = held[incident.pk], held[wanted]
    kinship.require_works_on(actor, child)
    require_unmerged(child, actor)
    require_unmerged(above, actor)
    if child.parent_id != above.pk:
        _require_one_level(child, above)
        with lifecycle.edit(child, actor=actor, version=None, version_required=False) as current:
            current.parent = above
        return current
    return child


@transaction.atomic
def clear_parent(incident: Incident, *, actor: Actor) -> Incident:
    """It is nobody's child any more; nothing where it was none. Raises NotPermitted, Merged."""
    kinship.one_at_a_time()
    child = kinship.locked_together({incident.pk})[incident.pk]
    kinship.require_works_on(actor, child)
    require_unmerged(child, actor)
    with lifecycle.edit(child, actor=actor, version=None, version_required=False) as current:
        current.parent = None
    return current


def _require_one_level(child: Incident, above: Incident) -> None:
    said = {"child": child.reference, "parent": above.reference}
    if child.pk == above.pk:
        raise Conflict(gettext("%(child)s cannot be its own parent.") % said)
    if not above.is_open:
        raise Conflict(gettext("%(parent)s is over; nothing would be resolved with it.") % said)
    if above.parent_id is not None:
        raise Conflict(gettext("%(parent)s has a parent itself; name that one.") % said)
    if Incident.objects.filter(parent=child.pk).exists():
        raise Conflict(gettext("%(child)s has children; a parent has no parent.") % said)


def locked_with_children(incident: Incident) -> tuple[Incident, list[Incident]]:
    """It and its open children as they stand now, locked in the order of their ids, in the caller's transaction."""
    open_children = Q(parent=incident.pk, status__in=OPEN)
    rows = Incident.objects.select_for_update(of=("self",), no_key=True).select_related("team", "service", "caller")
    held = {one.pk: one for one in rows.filter(Q(pk=incident.pk) | open_children).order_by("pk")}
    return held.pop(incident.pk), [one for one in held.values() if one.is_open and one.parent_id == incident.pk]


def with_each(
    children: list[Incident], take: Callable[[Incident], object], *, actor: Actor, leave_blocked: bool
) -> None:
    """Do something to each child, in order. What refuses stays as it is where `leave_blocked`.

    Else MissingInformation names all that refused; those that the actor may not see without their names.
    """
    blocked = []
    for child in children:
        try:
            with transaction.atomic():
                take(child)
        except DomainError as refused:
            blocked.append((child, refused.detail))
    if blocked and not leave_blocked:
        among = Incident.objects.visible_to(actor).filter(pk__in=[child.pk for child, _why in blocked])
        seen = set(among.values_list("pk", flat=True))
        missing = [
            f"{child.reference}: {why}" if child.pk in seen else gettext("an incident that you may not see")
            for child, why in blocked
        ]
        raise MissingInformation(
            gettext("Not with its children: %(missing)s Say that these stay open, or see to them first.")
            % {"missing": " ".join(missing)},
            missing=missing,
        )
