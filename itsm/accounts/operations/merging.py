"""Two accounts turn out to be one person: one of them goes on, the other says where it went.

Promise: nobody may do more by a merge. The roles, teams and rights of the account that ends end with it; whoever goes
on keeps their own. What was done stays under the name by which it was done, and counts as done by the one who goes on.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts import duties, person_references
from itsm.accounts.duties import Duty
from itsm.accounts.models import EmailAddress, Grant, OwnRole, Role, User
from itsm.accounts.operations.addresses import MAX_ADDRESSES
from itsm.accounts.operations.checks import (
    locked_people,
    people_keep_who_decides,
    people_keepers_only,
    require_unsealed,
    still_keepers_only,
)
from itsm.accounts.operations.departing import deactivate
from itsm.accounts.queries.departures import teams_led_alone
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted


@dataclass(frozen=True, slots=True)
class Merge:
    """What merging would do. `moves`: titles with numbers; `duties`: what passes or ends; `ends`: roles, teams and
    rights that the one who goes on does not get; `blocked`: why it cannot be done.
    """

    moves: list[tuple[Any, int]]
    addresses: list[str]
    duties: list[Duty]
    ends: list[str]
    blocked: str


def merge_preview(user: User, *, into: User | None, actor: Actor) -> Merge:
    """What `merge_people` would do as things stand now; without `into` what would move. Raises NotPermitted."""
    people_keepers_only(actor)
    blocked = gettext("Say which account goes on.")
    if into is not None:
        try:
            _check(user, into, actor)
            blocked = ""
        except (Conflict, InvalidInput, NotPermitted) as refused:
            blocked = refused.detail
    return Merge(
        moves=person_references.counts(user),
        addresses=[one.email for one in user.addresses.all()],
        duties=duties.duties_of(user) if user.is_active else [],
        ends=_ends(user, into) if into is not None else [],
        blocked=blocked,
    )


@transaction.atomic
def merge_people(user: User, *, into: User, actor: Actor, reason: str = "") -> User:
    """Make one person of two accounts: everything that is theirs goes to `into`, every way in of `user` ends.

    Addresses, records, duties and programs pass; the lines of the history keep both names. Returns the account that
    ended. Raises NotPermitted (oneself; programs where one of them decides), InvalidInput (itself, no people),
    Conflict (one was merged or is not active, rights would grow, the last administrator, together they are behind what
    two persons must be: `person_references.forbids`).
    """
    people_keepers_only(actor)
    require_unsealed(user, actor)
    require_unsealed(into, actor)
    held = locked_people(user, into, around=user)
    still_keepers_only(actor, held)
    old, new = held[user.pk], held[into.pk]
    _check(old, new, actor)
    if old.is_active:
        deactivate(old, actor=actor, successor=new, reason=reason)
        old.refresh_from_db()
    moved = {"addresses": _move_addresses(old, new), **person_references.follow(old, new, actor=actor)}
    Grant.objects.filter(user=old).delete()
    User.objects.filter(merged_into=old).update(merged_into=new)
    old.merged_into, old.version = new, old.version + 1
    old.save(update_fields=["merged_into", "version"])
    said = {name: [number, 0] for name, number in moved.items() if number}
    changes = {"merged_into": [None, new.username], **said}
    lifecycle.announce(old, "merged", actor=actor, changes=changes, remark=reason.strip()[:2000])
    lifecycle.announce(new, "absorbed", actor=actor, changes={"merged": [None, old.username]})
    return old


def _check(user: User, into: User, actor: Actor) -> None:
    if user.pk == into.pk or not user.is_human or not into.is_human:
        raise InvalidInput.about("into", gettext("Two accounts of people are merged, one into another."))
    if actor.id in (user.pk, into.pk):
        raise NotPermitted(gettext("Another administrator merges your account."))
    people_keep_who_decides(actor, *user.roles, *into.roles)
    if user.merged_into_id is not None:
        raise Conflict(gettext("%(user)s was merged already.") % {"user": user.username})
    if not into.is_active:
        raise Conflict(gettext("%(user)s is not active.") % {"user": into.username})
    if user.addresses.count() + into.addresses.count() > MAX_ADDRESSES:
        raise Conflict(gettext("Together they have more than %(most)s addresses.") % {"most": MAX_ADDRESSES})
    person_references.require_mergeable(user, into)
    if not user.is_active:
        return
    present = {one.team_id for one in into.memberships.filter(lead=True)}
    alone = [team.name for team in teams_led_alone(user) if team.pk not in present]
    if alone:
        words = {"user": user.username, "teams": ", ".join(alone)}
        raise Conflict(
            gettext("%(user)s alone leads %(teams)s, and nobody gets rights by a merge: name another lead first.")
            % words
        )


def _ends(user: User, into: User) -> list[str]:
    """Roles, teams and rights in queues that do not pass, in words."""
    roles = [gettext("role %(name)s") % {"name": Role(one).label} for one in sorted({*user.roles} - {*into.roles})]
    own = OwnRole.objects.standing().filter(slug__in={*user.own_roles} - {*into.own_roles})
    roles += [gettext("role %(name)s") % {"name": one.name} for one in own]
    here = {one.team_id for one in into.memberships.all()}
    theirs = user.memberships.select_related("team").order_by("team__name")
    teams = [gettext("member of %(team)s") % {"team": one.team.name} for one in theirs if one.team_id not in here]
    rights = [
        gettext("right to %(right)s in %(team)s") % {"right": one.right, "team": one.team.name}
        for one in user.grants.select_related("team").order_by("pk")
    ]
    return [*roles, *teams, *rights]


def _move_addresses(old: User, new: User) -> int:
    """Each goes on as what it is, verified or not; the one who goes on keeps their primary one."""
    primary = old.addresses.filter(is_primary=True).values_list("pk", flat=True).first()
    old.addresses.filter(is_primary=True).update(is_primary=False)  # its trigger empties the account's own
    moved = EmailAddress.objects.filter(user=old).update(user=new)
    if primary is not None and not new.addresses.filter(is_primary=True).exists():
        EmailAddress.objects.filter(pk=primary).update(is_primary=True)
    return moved
