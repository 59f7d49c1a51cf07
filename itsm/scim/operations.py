"""What a provider does by SCIM, done: users are people whom the identity knows, groups mean what was mapped."""

import uuid
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from itsm.clocks import due
from itsm.identity.errors import SignUpRefused
from itsm.identity.models import ExternalIdentity, GroupMapping, IdentityProvider
from itsm.identity.operations import (
    Identified,
    deprovision,
    known_there,
    note_refusal,
    provision,
    refuse_double,
    restore,
    wait_at,
)
from itsm.kernel.errors import Conflict
from itsm.one_by_one import one_by_one
from itsm.scim.configured import believes_addresses, signs_in_by
from itsm.scim.documents import GroupSaid, UserSaid
from itsm.scim.errors import ScimRefused, invalid_value, unique
from itsm.scim.filtering import number_of
from itsm.scim.models import Owed, ScimGroup, ScimMembership, ScimUser

ResourceT = TypeVar("ResourceT", ScimUser, ScimGroup)
FOLLOWING = "scim.follow"
AT_ONCE = 100  # people whose groups follow within the request; of more, all follow in a moment
_ROUND = 100


def create_user(provider: IdentityProvider, said: UserSaid, *, at: datetime) -> ScimUser:
    """Somebody new at the provider; whom it had taken away before is taken back, by what it calls them (externalId).

    Raises ScimRefused: 409 uniqueness, 403 where nobody may be made of them here.
    """
    number = uuid.uuid4()
    subject = said.external_id or str(number)
    with _told(provider, said.user_name, at), transaction.atomic():
        key = said.user_name.casefold()
        alike = ScimUser.objects.filter(Q(user_key=key) | Q(subject=subject), provider=provider)
        for there in alike.values_list("user_key", flat=True):
            if there == key:
                raise unique(_("There is a user “%(name)s” already.") % {"name": said.user_name[:100]})
            raise unique(_("There is a user of this externalId already."))
        if ExternalIdentity.objects.filter(provider=provider, subject=subject, ended_at__isnull=False).exists():
            restore(provider, subject, at=at)
        sign_in = signs_in_by(provider)
        if sign_in is not None and believes_addresses(provider):
            known_there(sign_in, said.address, written_by=provider, at=at)
        identified = _identified(provider, subject, said, ())
        refuse_double(provider, identified)
        user = provision(provider, identified, at=at)
        made = ScimUser(id=number, provider=provider, subject=subject, user=user, created_at=at)
        _written(made, said, at, new=True)
        if sign_in is not None:
            wait_at(sign_in, user, written_by=provider, at=at)
        if not said.active:
            made.user = deprovision(provider, subject, at=at)
    return made


def change_user(current: ScimUser, change: Callable[[ScimUser], UserSaid], *, seen: str | None, at: datetime) -> None:
    """The user as `change` says of what stands there, which nobody else changes meanwhile; `seen`: the tag that it must
    have still (If-Match). Who is not active any more is out at once: sessions and tokens end, what waited for them goes
    to others.

    Raises ScimRefused: what `change` raises, 404 gone, 412 not as seen, 409.
    """
    with _told(current.provider, current.user_name, at), transaction.atomic():
        held = _held_user(current, seen)
        said = change(held)
        same = (held.user_name, held.external_id, held.active, held.document) == (
            said.user_name, said.external_id, said.active, said.document,
        )  # fmt: skip
        if not same:
            _written(held, said, at)
        _follow(held, at)


def delete_user(current: ScimUser, *, seen: str | None, at: datetime) -> None:
    """They have left: as deactivated, and the provider finds nobody of this id any more. Raises ScimRefused."""
    with _told(current.provider, current.user_name, at), transaction.atomic():
        held = _held_user(current, seen)
        deprovision(held.provider, held.subject, at=at)
        held.delete()


def create_group(provider: IdentityProvider, said: GroupSaid, *, at: datetime) -> ScimGroup:
    """A group and who is in it. Raises ScimRefused: 409 uniqueness, 400 where a member is nobody."""
    made = ScimGroup(provider=provider, created_at=at)
    with _told(provider, "", at), transaction.atomic():
        _group_written(made, said, at, new=True)
        _set_members(made, said.members or (), at)
    return made


def change_group(
    current: ScimGroup, change: Callable[[ScimGroup], GroupSaid], *, seen: str | None, at: datetime
) -> None:
    """The group as `change` says of what stands there; members that it does not name are out of it.

    Raises ScimRefused: 404, 412, 409, 400.
    """
    with _told(current.provider, "", at), transaction.atomic():
        held = _held_group(current, seen)
        said = change(held)
        renamed = held.display_name != said.display_name
        if renamed or held.external_id != said.external_id:
            _group_written(held, said, at)
        moved = _set_members(held, said.members or (), at)
        if renamed:
            _give(set(held.memberships.values_list("member", flat=True)) - moved, at)


def delete_group(current: ScimGroup, *, seen: str | None, at: datetime) -> None:
    """It gives nobody anything any more. Raises ScimRefused."""
    with _told(current.provider, "", at), transaction.atomic():
        held = _held_group(current, seen)
        members = set(held.memberships.values_list("member", flat=True))
        held.delete()
        _give(members, at)


def follow_owed(provider_id: int, at: datetime) -> None:
    """Give and take what groups mean from whom it is owed to, some at a time; the rest stays promised.

    Safe to run twice: what somebody's groups are is read anew each time.
    """
    rows = Owed.objects.filter(member__provider=provider_id).order_by("member").select_related("member")

    def do(owed: Owed) -> bool:
        held = ScimUser.objects.select_for_update(of=("self",), no_key=True).filter(pk=owed.member_id).first()
        if held is not None:
            _follow(held, at)
        Owed.objects.filter(pk=owed.pk).delete()
        return True

    one_by_one(list(rows[:_ROUND]), do, what="groups of SCIM")
    if rows.exists():
        due.schedule(FOLLOWING, IdentityProvider.kind, provider_id, at)


def tag_of(resource: ScimUser | ScimGroup) -> str:
    """What a reader holds of it as they saw it; an account that an administrator closes here is not as it was."""
    if isinstance(resource, ScimUser):
        return f"{resource.version}{'' if resource.user.is_active else 'c'}"
    return str(resource.version)


def _identified(provider: IdentityProvider, subject: str, said: UserSaid, groups: Iterable[str]) -> Identified:
    return Identified(
        subject, said.address, believes_addresses(provider), said.shown_name or said.user_name, tuple(groups),
        said.user_name,
    )  # fmt: skip


def _written(held: ScimUser, said: UserSaid, at: datetime, *, new: bool = False) -> None:
    held.user_name, held.user_key = said.user_name, said.user_name.casefold()
    held.external_id, held.active, held.document = said.external_id, said.active, said.document
    held.addresses = sorted({str(one["value"]).casefold() for one in said.document.get("emails", [])})
    held.changed_at = at
    held.version += 0 if new else 1
    held.save(force_insert=new)


def _follow(held: ScimUser, at: datetime) -> None:
    """What the identity knows becomes what stands here now. Who was closed by an administrator here stays closed."""
    known = ExternalIdentity.objects.select_related("user").get(provider=held.provider_id, subject=held.subject)
    if not held.active:
        if known.ended_at is None:
            deprovision(held.provider, held.subject, at=at)
        return
    if known.ended_at is not None:
        known.user = restore(held.provider, held.subject, at=at)
    if not known.user.is_active:
        return
    said = UserSaid(held.user_name, held.external_id, held.active, held.document)
    identified = _identified(held.provider, held.subject, said, _groups_of(held))
    provision(held.provider, identified, at=at, expecting=known.user)


def _groups_of(held: ScimUser) -> list[str]:
    """The names of their groups, those that mean something here first: of very many, some are not kept."""
    names = list(held.groups.order_by("display_name").values_list("display_name", flat=True))
    mapped = set(GroupMapping.objects.filter(provider=held.provider_id).values_list("group", flat=True))
    return sorted(names, key=lambda name: (name not in mapped, name))


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
        _give(moved, at)
    return moved


def _give(members: Collection[uuid.UUID], at: datetime) -> None:
    """What their groups mean now is theirs: at once for some, for many in a moment, each by itself."""
    if len(members) <= AT_ONCE:
        rows = ScimUser.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=members).order_by("pk")
        for held in rows.select_related("provider"):
            _follow(held, at)
        return
    Owed.objects.bulk_create([Owed(member_id=one, at=at) for one in sorted(members)], ignore_conflicts=True)
    provider_id = ScimUser.objects.values_list("provider", flat=True).get(pk=next(iter(members)))
    due.schedule(FOLLOWING, IdentityProvider.kind, provider_id, at)


def _held_user(current: ScimUser, seen: str | None) -> ScimUser:
    rows = ScimUser.objects.select_for_update(of=("self",), no_key=True).select_related("user", "provider")
    return _as_seen(rows.filter(pk=current.pk).first(), seen)


def _held_group(current: ScimGroup, seen: str | None) -> ScimGroup:
    rows = ScimGroup.objects.select_for_update(of=("self",), no_key=True).select_related("provider")
    return _as_seen(rows.filter(pk=current.pk).first(), seen)


def _as_seen(found: ResourceT | None, seen: str | None) -> ResourceT:
    if found is None:
        raise ScimRefused(404, _("There is no such resource."))
    if seen is not None and tag_of(found) != seen:
        raise ScimRefused(412, _("It was changed meanwhile: read it again."))
    return found


class _told:  # noqa: N801 -- it reads as a word
    """Refusals of the identity and of the database, as SCIM says them; who was not let in is noted."""

    def __init__(self, provider: IdentityProvider, who: str, at: datetime) -> None:
        self._provider, self._who, self._at = provider, who, at

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, SignUpRefused):
            note_refusal(self._provider, error.reason, error.detail, said=self._who, at=self._at)
            raise ScimRefused(403, error.detail) from error
        if isinstance(error, Conflict):
            raise ScimRefused(409, error.detail) from error
        if isinstance(error, IntegrityError):
            raise unique(_("There is one of this name, or of this externalId, already.")) from error
