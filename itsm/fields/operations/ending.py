"""Retiring a field, bringing it back, purging its values."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.clocks import due
from itsm.fields import queries
from itsm.fields.models import Field, FieldSet
from itsm.fields.operations.checking import require_administrator, require_room
from itsm.fields.owners import owner_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import WrongState

PURGE = "fields_purge"
_BATCH = 500


def retire(field: Field, *, actor: Actor) -> Field:
    """Hide a field; its values are kept. Nothing where it is retired already. Raises NotPermitted."""
    require_administrator(actor)
    with lifecycle.edit(field, actor=actor, version=None, version_required=False, event="retired") as current:
        current.retired_at = current.retired_at or timezone.now()
    queries.forget(current.set.owner, actor)
    return current


def revive(field: Field, *, actor: Actor) -> Field:
    """A retired field is there again, with its values. Raises NotPermitted, WrongState (being purged), Conflict."""
    require_administrator(actor)
    with transaction.atomic():
        own = FieldSet.objects.select_for_update(no_key=True).get(pk=field.set_id)
        with lifecycle.edit(field, actor=actor, version=None, version_required=False, event="revived") as current:
            if current.purging_at is not None:
                raise WrongState(_("The values of %(label)s are being purged.") % {"label": current.label})
            if current.retired_at is not None:
                require_room(own)
            current.retired_at = None
    queries.forget(current.set.owner, actor)
    return current


def purge(field: Field, *, actor: Actor) -> Field:
    """Take a retired field and all its values away, bit by bit as its promise comes due; each record keeps an entry.

    How many records that will be: `queries.holding`. Raises NotPermitted, and WrongState for one that is not retired.
    """
    require_administrator(actor)
    with lifecycle.edit(field, actor=actor, version=None, version_required=False, event="purge_began") as current:
        if current.retired_at is None:
            raise WrongState(_("Retire %(label)s first; then its values can be purged.") % {"label": current.label})
        if current.purging_at is None:
            current.purging_at = timezone.now()
            due.schedule(PURGE, Field.kind, current.pk, current.purging_at)
    return current


def purge_when_due(field_id: int, at: datetime) -> None:
    """Some hundred records lose their value, each with an entry; then again, until the field itself goes.

    Raises nothing.
    """
    field = Field.objects.select_related("set").filter(pk=field_id, purging_at__isnull=False).first()
    if field is None:
        return
    actor = Actor.system("purge of a field")
    records = owner_of(field.set.owner).records(field.set.owner)
    holding = list(records.filter(attributes__has_key=field.key).order_by("pk")[:_BATCH])
    for record in holding:
        with lifecycle.edit(record, actor=actor, version=None, version_required=False, event="field_purged") as current:
            current.attributes = {key: kept for key, kept in current.attributes.items() if key != field.key}
    if len(holding) == _BATCH:
        due.schedule(PURGE, Field.kind, field.pk, at + timedelta(seconds=1))
        return
    lifecycle.announce(field, "purged", actor=actor, changes={"key": [field.key, None]})
    field.delete()
