"""Which group of a provider is which role, or which team, here."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import Role, Team
from itsm.accounts.operations.checks import require_standing
from itsm.accounts.own_roles import roles_known
from itsm.approvals.confirming import Difference
from itsm.approvals.models import Confirmation
from itsm.identity.models import MAX_GROUP, GroupMapping, IdentityProvider
from itsm.identity.operations import keeping
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, WrongState
from itsm.kernel.texts import is_blank

MOST = 500  # of one provider


def map_group(
    provider: IdentityProvider,
    *,
    actor: Actor,
    group: str,
    at: datetime,
    role: str = "",
    team: Team | None = None,
    lead: bool = False,
) -> GroupMapping:
    """Who is in this group has this role, or is in this team.

    Of a provider that is being set up it is confirmed with the provider; else it `awaits` a second administrator, where
    there is one. Raises NotPermitted, PasswordNeeded, InvalidInput, Conflict (mapped already, a retired team),
    WrongState.
    """
    keeping.require_keeper(actor)
    if provider.withdrawn_at is not None:
        raise WrongState(_("%(name)s was withdrawn.") % {"name": provider.name})
    _check(provider, group, role, team, lead)
    draft = provider.trusted_at is None
    is_alone = not draft and keeping.alone(actor, doing=_("give something to a group"))
    made = GroupMapping(
        provider=provider, group=group.strip(), role=role, team=team, lead=lead, mapped_by_id=actor.account_id,
        asked_at=at, trusted_at=at if is_alone else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            require_standing(team)
            made.save(force_insert=True)
            changes = {"provider": [None, provider.name], "group": [None, made.group], "means": [None, made.means]}
            lifecycle.created(made, actor=actor, changes=changes, at=at)
            if draft:  # who confirms the provider sees it with all of its groups
                IdentityProvider.objects.filter(pk=provider.pk).update(version=F("version") + 1)
            elif is_alone:
                _owe_settling(provider)
    except IntegrityError as error:
        raise Conflict(_("This group means that already.")) from error
    if draft or is_alone:
        return made
    difference = Difference(_("Who is in the group %(group)s") % {"group": made.group}, "–", made.means)
    subject = _("Give %(means)s to the group %(group)s of %(name)s")
    words = {"means": made.means, "group": made.group, "name": provider.name}
    payload = {"version": made.version}
    return keeping.proposed(made, keeping.MAP, subject % words, [difference], payload, actor=actor, at=at)


def map_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """What a second administrator confirmed. Raises WrongState where it was ended meanwhile."""
    mapping = GroupMapping.objects.select_related("provider").get(pk=confirmation.record_id)
    with lifecycle.edit(mapping, actor=actor, version=None, version_required=False, event="trusted") as current:
        if current.withdrawn_at is not None or mapping.provider.withdrawn_at is not None:
            raise WrongState(_("It was ended before it was confirmed."))
        current.trusted_at = current.trusted_at or at
        _owe_settling(mapping.provider)


def end_mapping(mapping: GroupMapping, *, actor: Actor, version: int | None, at: datetime) -> GroupMapping:
    """The group means that no more: what it gave is taken back within minutes, for everybody who has it by the group.

    Raises NotPermitted, WrongState (ended already), StaleVersion, VersionRequired.
    """
    keeping.require_keeper(actor)
    with lifecycle.edit(mapping, actor=actor, version=version, event="withdrawn") as current:
        if current.withdrawn_at is not None:
            raise WrongState(_("It was ended already."))
        current.withdrawn_at = at
        _owe_settling(mapping.provider)
    return current


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """Mappings to a team that was merged lead to the team that goes on, unless it has them. Raises nothing."""
    rows = GroupMapping.objects.filter(team=old, withdrawn_at=None)
    there = set(GroupMapping.objects.filter(team=new, withdrawn_at=None).values_list("provider", "group"))
    moved = 0
    for one in rows:
        if (one.provider_id, one.group) not in there:
            GroupMapping.objects.filter(pk=one.pk).update(team=new)
            moved += 1
    return moved


def _owe_settling(provider: IdentityProvider) -> None:
    IdentityProvider.objects.filter(pk=provider.pk).update(settling_owed=True)


def _check(provider: IdentityProvider, group: str, role: str, team: Team | None, lead: bool) -> None:
    if is_blank(group) or len(group.strip()) > MAX_GROUP or "\0" in group:
        raise InvalidInput.about("group", _("A group is a text of 1 to %(most)s characters.") % {"most": MAX_GROUP})
    if bool(role) == (team is not None):
        raise InvalidInput.about("role", _("A group means a role or a team: say one of them."))
    if role and role not in Role.values and role not in roles_known():
        raise InvalidInput.about("role", _("There is no such role."))
    if lead and team is None:
        raise InvalidInput.about("lead", _("Somebody leads a team: say which."))
    if GroupMapping.objects.filter(provider=provider, withdrawn_at=None).count() >= MOST:
        raise InvalidInput.about("group", _("%(most)s mappings are enough; end one first.") % {"most": MOST})
