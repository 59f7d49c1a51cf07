"""Groups as a provider writes them, done: they mean what was mapped."""

import uuid
from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from itsm.identity.models import IdentityProvider
from itsm.scim.documents import GroupSaid
from itsm.scim.errors import invalid_value
from itsm.scim.filtering import number_of
from itsm.scim.models import ScimGroup, ScimMembership, ScimUser
from itsm.scim.operations.following import give
from itsm.scim.operations.seen import as_seen, told


def create_group(provider: IdentityProvider, said: GroupSaid, *, at: datetime) -> ScimGroup:
    """A group and who is in it. Raises ScimRefused: 409 uniqueness, 400 where a member is nobody."""
    made = ScimGroup(provider=provider, created_at=at)
    with told(provider, "", at), transaction.atomic():
        _group_written(made, said, at, new=True)
        _set_members(made, said.members or (), at)
    return made


def change_group(
    current: ScimGroup, change: Callable[[ScimGroup], GroupSaid], *, seen: str | None, at: datetime
) -> None:
    """The group as `change` says of what stands there; members that it does not name are out of it.

    Raises ScimRefused: 404, 412, 409, 400.
    """
    with told(current.provider, "", at), transaction.atomic():
        held = _held_group(current, seen)
        said = change(held)
        renamed = held.display_name != said.display_name
        if renamed or held.external_id != said.external_id:
            _group_written(held, said, at)
        moved = _set_members(held, said.members or (), at)
        if renamed:
            give(set(held.memberships.values_list("member", flat=True)) - moved, at)


def delete_group(current: ScimGroup, *, seen: str | None, at: datetime) -> None:
    """It gives nobody anything any more. Raises ScimRefused."""
    with told(current.provider, "", at), transaction.atomic():
        held = _held_group(current, seen)
        members = set(held.memberships.values_list("member", flat=True))
        held.delete()
        give(members, at)


def _group_written(held: ScimGroup, said: GroupSaid, at: datetime, *, new: bool = False) -> None:
    held.display_name, held.name_key, held.external_id = (
        said.display_name, said.display_name.casefold(), said.external_id,
    )  # fmt: skip
    held.changed_at = at
    held.version += 0 if new else 1
    held.save(force_insert=new)


def _set_members(held: ScimGroup, members: Collection[str], at: datetime) -> set[uuid.UUID]:
    """Whom that moved, in or out. Raises ScimRefused where a member is nobody of this provider."""
    wanted = {number for one in members if (number := number_of(one)) is not None}
    there = set(held.memberships.values_list("member", flat=True))
    rows = ScimUser.objects.filter(provider=held.provider_id, pk__in=wanted - there)
    found = set(rows.values_list("pk", flat=True))
    odd = next((one for one in members if number_of(one) not in found | there), None)
    if odd is not None:
        raise invalid_value(_("There is no user “%(id)s”.") % {"id": odd[:100]})
    gone = there - wanted
    if gone:
        held.memberships.filter(member__in=gone).delete()
    ScimMembership.objects.bulk_create([ScimMembership(group=held, member_id=one) for one in sorted(found)])
    moved = found | gone
    if moved:
        if held.changed_at != at:
            held.changed_at = at
            held.version += 1
            held.save(update_fields=["changed_at", "version"])
        give(moved, at)
    return moved


def _held_group(current: ScimGroup, seen: str | None) -> ScimGroup:
    rows = ScimGroup.objects.select_for_update(of=("self",), no_key=True).select_related("provider")
    return as_seen(rows.filter(pk=current.pk).first(), seen)
