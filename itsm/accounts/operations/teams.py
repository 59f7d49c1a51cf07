"""Making, filling, renaming, merging and retiring teams."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts import team_references
from itsm.accounts.models import Membership, Team, User
from itsm.accounts.operations.checks import checked, people_keepers_only, refuse_agents, require_standing
from itsm.accounts.queues import members_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

Members = Mapping[User, bool]


@transaction.atomic
def add_team(*, actor: Actor, slug: str, name: str, members: Members | None = None) -> Team:
    """A new team. `members`: person -> whether they lead it. Raises NotPermitted, InvalidInput, Conflict."""
    people_keepers_only(actor)
    team = checked(Team(slug=slug, name=name))
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise Conflict(gettext("There is already a team called %(slug)s.") % {"slug": slug}) from error
    lifecycle.created(team, actor=actor, changes={"name": [None, name]})
    if members:
        _fill(team, members, actor)
    return team


def edit_team(
    team: Team, *, actor: Actor, version: int | None, name: str | None = None, members: Members | None = None
) -> Team:
    """Rename a team and, where given, say who belongs to it: person -> whether they lead it.

    Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired, Conflict (new members of a retired team).
    """
    people_keepers_only(actor)
    with lifecycle.edit(team, actor=actor, version=version) as current:
        if name is not None:
            current.name = name
        if members is not None and _fill(current, members, actor):
            current.version += 1  # who belongs to it is part of what a reader's ETag stands for
            current.save(update_fields=["version"])
    return current


@transaction.atomic
def set_member(team: Team, person: User, *, actor: Actor, lead: bool = False) -> Team:
    """Add one person to a team, or change whether they lead it. Raises NotPermitted, InvalidInput, Conflict."""
    people_keepers_only(actor)
    current = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    _fill(current, {**_members(current), person: lead}, actor)
    return _raised(current)


@transaction.atomic
def remove_member(team: Team, person: User, *, actor: Actor) -> Team:
    """Take one person out of a team; nothing where they were not in it. Raises NotPermitted."""
    people_keepers_only(actor)
    current = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    _fill(current, {one: leads for one, leads in _members(current).items() if one != person}, actor)
    return _raised(current)


def _raised(team: Team) -> Team:
    team.version += 1
    team.save(update_fields=["version"])
    return team


def _members(team: Team) -> dict[User, bool]:
    return {one.user: one.lead for one in team.memberships.select_related("user")}


def _fill(team: Team, wanted: Members, actor: Actor) -> bool:
    """Make the memberships what is wanted, in the caller's transaction. Whether anything changed."""
    before = _members(team)
    new = [person for person in wanted if person not in before]
    if dict(wanted) == before:
        return False
    if new:
        require_standing(team)
    if not (actor.is_human or actor.is_system) and (new or set(_leads(wanted)) - set(_leads(before))):
        raise NotPermitted(
            gettext("Programs put nobody into a team, whose members decide for its services; an administrator does.")
        )
    for person in new:
        refuse_agents(person)
        if not person.is_active:
            raise InvalidInput.about(
                "members",
                gettext("%(person)s is not active; only active accounts join a team.") % {"person": person.username},
            )
    Membership.objects.filter(team=team).exclude(user__in=wanted).delete()
    for person, leads in wanted.items():
        if before.get(person) != leads:  # who stays as they were is not written again
            Membership.objects.update_or_create(user=person, team=team, defaults={"lead": leads})
    changes = {
        "joined": [[], sorted(person.username for person in new)],
        "left": [sorted(person.username for person in before if person not in wanted), []],
        "leads": [_leads(before), _leads(wanted)],
    }
    lifecycle.announce(team, "filled", actor=actor, changes={k: v for k, v in changes.items() if v[0] != v[1]})
    if team.confidential and new and before:
        _tell_leads_who_joined(team, new, actor)
    return True


def _tell_leads_who_joined(team: Team, new: list[User], actor: Actor) -> None:
    """Whoever joins a confidential queue reads all of it: its leads hear of each one."""
    leads = members_of(team.pk, leads_only=True)
    notify(
        leads.exclude(pk__in=[actor.id or 0, *(person.pk for person in new)]),
        _("%(actor)s added people to %(team)s") % {"actor": actor.name, "team": team.name},
        body=", ".join(sorted(str(person) for person in new)),
        path=team.get_absolute_url(),
        record=team,
        by=("queue.rights_changed", "lead"),
    )


def _names(members: Members) -> list[str]:
    return sorted(person.username for person in members)


def _leads(members: Members) -> list[str]:
    return sorted(person.username for person, leads in members.items() if leads)


@transaction.atomic
def merge_teams(team: Team, *, into: Team, actor: Actor) -> Team:
    """Everybody and everything of one team moves to another; the first is retired and says where it went.

    What is over (asks that were answered, history) goes on naming the team of its time. Returns the retired team.
    Raises NotPermitted, InvalidInput (into itself), Conflict (one of them is retired).
    """
    people_keepers_only(actor)
    if team.pk == into.pk:
        raise InvalidInput.about("into", gettext("A team cannot be merged into itself."))
    held = {one.pk: one for one in _held(team, into)}
    old, new = held[team.pk], held[into.pk]
    _check_merging(old, new)
    moved = _members(old)
    present = _members(new)
    _fill(new, {**present, **{one: leads or present.get(one, False) for one, leads in moved.items()}}, actor)
    old.memberships.all().delete()
    followed = team_references.follow(old, new, actor=actor)
    was_triage, old.triage = old.triage, False
    old.retired_at, old.merged_into = timezone.now(), new
    _raised(old).save(update_fields=["retired_at", "merged_into", "triage"])
    if was_triage or (old.takes_work and not new.takes_work):
        new.triage, new.takes_work = new.triage or was_triage, True
        new.save(update_fields=["triage", "takes_work"])
    said = {"members": [_names(moved), []], **{column: [count, 0] for column, count in followed.items() if count}}
    lifecycle.announce(old, "merged", actor=actor, changes={"merged_into": [None, new.slug], **said})
    lifecycle.announce(new, "joined", actor=actor, changes={"merged": [None, old.slug]})
    return old


def _check_merging(old: Team, new: Team) -> None:
    for one in (old, new):
        if one.retired_at is not None:
            raise Conflict(gettext("The team %(team)s is retired.") % {"team": one.slug})
    if old.confidential and not new.confidential:
        raise Conflict(
            gettext("%(team)s is confidential and %(into)s is open: its records would be seen by everybody.")
            % {"team": old.name, "into": new.name}
        )
    if old.triage and new.confidential:
        raise Conflict(gettext("The triage queue is open; choose another one first."))


def _held(*teams: Team) -> list[Team]:
    rows = Team.objects.select_for_update(no_key=True).filter(pk__in=[team.pk for team in teams])
    return list(rows.order_by("pk"))


@transaction.atomic
def retire_team(team: Team, *, actor: Actor) -> Team:
    """It takes nothing new from now on; what refers to it stays, for people to move. Raises NotPermitted, Conflict."""
    people_keepers_only(actor)
    (current,) = _held(team)
    if current.retired_at is not None:
        raise Conflict(gettext("The team %(team)s is retired already.") % {"team": current.slug})
    if current.triage:
        raise Conflict(
            gettext("%(team)s takes what nothing else places; choose another triage queue first.")
            % {"team": current.name}
        )
    current.retired_at = timezone.now()
    _raised(current).save(update_fields=["retired_at"])
    lifecycle.announce(current, "retired", actor=actor)
    return current


@transaction.atomic
def revive_team(team: Team, *, actor: Actor) -> Team:
    """A retired team works again. Raises NotPermitted, Conflict (it stands, or was merged)."""
    people_keepers_only(actor)
    (current,) = _held(team)
    if current.retired_at is None or current.merged_into_id is not None:
        raise Conflict(gettext("Only a retired team that was not merged is brought back."))
    current.retired_at = None
    _raised(current).save(update_fields=["retired_at"])
    lifecycle.announce(current, "revived", actor=actor)
    return current
