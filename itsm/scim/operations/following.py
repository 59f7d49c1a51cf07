"""What a user or their groups became is done here: at once, or of many in a moment."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from itsm.clocks import due
from itsm.identity.models import ExternalIdentity, GroupMapping, IdentityProvider
from itsm.identity.operations import (
    Identified,
    deprovision,
    provision,
    restore,
)
from itsm.one_by_one import one_by_one
from itsm.scim.configured import believes_addresses
from itsm.scim.documents import UserSaid
from itsm.scim.models import Owed, ScimUser

FOLLOWING = "scim.follow"
AT_ONCE = 100  # people whose groups follow within the request; of more, all follow in a moment
_ROUND = 100


def follow_owed(provider_id: int, at: datetime) -> None:
    """Give and take what groups mean from whom it is owed to, some at a time; the rest stays promised.

    Safe to run twice: what somebody's groups are is read anew each time.
    """
    rows = Owed.objects.filter(member__provider=provider_id).order_by("member").select_related("member")

    def do(owed: Owed) -> bool:
        held = ScimUser.objects.select_for_update(of=("self",), no_key=True).filter(pk=owed.member_id).first()
        if held is not None:
            follow(held, at)
        Owed.objects.filter(pk=owed.pk).delete()
        return True

    one_by_one(list(rows[:_ROUND]), do, what="groups of SCIM")
    if rows.exists():
        due.schedule(FOLLOWING, IdentityProvider.kind, provider_id, at)


def identified_of(provider: IdentityProvider, subject: str, said: UserSaid, groups: Iterable[str]) -> Identified:
    """Somebody as the identity is told of them. Raises nothing."""
    return Identified(
        subject, said.address, believes_addresses(provider), said.shown_name or said.user_name, tuple(groups),
        said.user_name,
    )  # fmt: skip


def follow(held: ScimUser, at: datetime) -> None:
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
    identified = identified_of(held.provider, held.subject, said, _groups_of(held))
    provision(held.provider, identified, at=at, expecting=known.user)


def _groups_of(held: ScimUser) -> list[str]:
    """The names of their groups, those that mean something here first: of very many, some are not kept."""
    names = list(held.groups.order_by("display_name").values_list("display_name", flat=True))
    mapped = set(GroupMapping.objects.filter(provider=held.provider_id).values_list("group", flat=True))
    return sorted(names, key=lambda name: (name not in mapped, name))


def give(members: Collection[uuid.UUID], at: datetime) -> None:
    """What their groups mean now is theirs: at once for some, for many in a moment, each by itself."""
    if len(members) <= AT_ONCE:
        rows = ScimUser.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=members).order_by("pk")
        for held in rows.select_related("provider"):
            follow(held, at)
        return
    Owed.objects.bulk_create([Owed(member_id=one, at=at) for one in sorted(members)], ignore_conflicts=True)
    provider_id = ScimUser.objects.values_list("provider", flat=True).get(pk=next(iter(members)))
    due.schedule(FOLLOWING, IdentityProvider.kind, provider_id, at)
