"""Teams as queues of work: what they take, how hidden they are, and who else may do what in them."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle, rows
from itsm.accounts.models import Grant, Membership, QueueRight, Role, Team, User
from itsm.accounts.operations.checks import require_active, require_standing
from itsm.accounts.queues import keeps_queue, leads, members_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _

TRIAGE = "triage"
MAX_GRANTS = 200
# Until somebody decides otherwise, all who respond work in the triage queue.
_WORKS_IN_TRIAGE = (Role.AGENT, Role.ENGINEER, Role.OWNER, Role.MANAGER, Role.ADMIN)


def queue_keepers_only(actor: Actor, team: Team) -> None:
    """Raise NotPermitted for everybody but administrators and the team's leads."""
    if not keeps_queue(actor, team):
        raise NotPermitted(gettext("Administrators and the leads of %(team)s keep this queue.") % {"team": team.name})


def edit_queue(team: Team, *, actor: Actor, version: int | None, **fields: Any) -> Team:
    """Say what a queue is: `takes_work`, `confidential`, `tier` (1-3), `close_after_days` (1-20), `calendar`, `triage`
    (True only), `shares_asks`: whether its members see what each of them asks for, from now on.

    A confidential queue is opened up by its leads alone, as long as it has some; what members ask for is shared by them
    alone. Raises NotPermitted, InvalidInput,
    Conflict (retired; the triage queue stays open), StaleVersion, VersionRequired.
    """
    queue_keepers_only(actor, team)
    with lifecycle.edit(team, actor=actor, version=version, event="queue_edited") as current:
        _check_queue(current, fields, actor)
        if fields.get("triage"):
            Team.objects.filter(triage=True).exclude(pk=current.pk).update(triage=False)
        if (shares := fields.pop("shares_asks", None)) is not None and shares != current.shares_asks:
            current.asks_shared_since = timezone.now() if shares else None
        for name, value in fields.items():
            setattr(current, name, value)
    return current


def _check_queue(team: Team, fields: dict[str, Any], actor: Actor) -> None:
    if team.retired_at is not None:
        raise Conflict(gettext("The team %(team)s is retired.") % {"team": team.slug})
    after = {name: fields.get(name, getattr(team, name)) for name in ("takes_work", "confidential", "triage")}
    if team.triage and not (after["takes_work"] and not after["confidential"] and after["triage"]):
        raise Conflict(
            gettext("%(team)s takes what nothing else places; choose another triage queue first.") % {"team": team.name}
        )
    if after["triage"] and (after["confidential"] or not after["takes_work"]):
        raise InvalidInput.about("triage", gettext("The triage queue takes work and is open."))
    if after["confidential"] and not after["takes_work"]:
        raise InvalidInput.about("confidential", gettext("Only a queue is confidential."))
    if team.confidential and not after["confidential"]:
        has_leads = Membership.objects.filter(team=team, lead=True, user__is_active=True).exists()
        if has_leads and not leads(actor, team):
            raise NotPermitted(gettext("A lead of %(team)s opens up what is confidential.") % {"team": team.name})
    if fields.get("shares_asks") and not team.shares_asks and not leads(actor, team):
        raise NotPermitted(gettext("A lead of %(team)s shares what its members ask for.") % {"team": team.name})
    for name, (least, most) in {"tier": (1, 3), "close_after_days": (1, 20)}.items():
        if name in fields and not least <= fields[name] <= most:
            raise InvalidInput.about(name, gettext("From %(least)s to %(most)s.") % {"least": least, "most": most})


@transaction.atomic
def grant(
    team: Team,
    *,
    actor: Actor,
    right: str,
    user: User | None = None,
    role: str = "",
    member_of: Team | None = None,
    until: datetime | None = None,
) -> Grant:
    """Give one right in a queue to a person, a role or the members of another team, until an instant or for good.

    What an administrator gives away of a confidential queue that they do not lead ends at an instant, and its leads are
    told. Raises NotPermitted, InvalidInput, Conflict.
    """
    queue_keepers_only(actor, team)
    require_standing(team)
    _check_grant(team, right, user, role, member_of, until)
    require_active(user)
    from_outside = team.confidential and not leads(actor, team) and not actor.is_system
    if from_outside and until is None:
        words = gettext("Say until when: only its leads give rights in a confidential queue for good.")
        raise InvalidInput.about("until", words)
    made = Grant(
        team=team, right=right, user=user, role=role, member_of=member_of, until=until,
        granted_by_id=actor.id, granted_at=timezone.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        raise Conflict(gettext("%(holder)s has this right already.") % {"holder": made.holder}) from error
    said: dict[str, Any] = {made.right: [None, made.holder]}
    if until is not None:
        said["until"] = [None, until]
    lifecycle.announce(team, "right_granted", actor=actor, changes=said)
    if from_outside:
        _tell_leads(team, made, actor)
    return made


def _check_grant(
    team: Team, right: str, user: User | None, role: str, member_of: Team | None, until: datetime | None
) -> None:
    if right not in QueueRight.values:
        raise InvalidInput.about("right", gettext("There is no such right."))
    if [user is not None, bool(role), member_of is not None].count(True) != 1:
        raise InvalidInput.about("user", gettext("Name one holder: a person, a role, or a team."))
    if role and role not in Role.values:
        raise InvalidInput.about("role", gettext("There is no such role."))
    if not team.takes_work:
        raise Conflict(gettext("%(team)s takes no work; make it a queue first.") % {"team": team.name})
    if until is not None and until <= timezone.now():
        raise InvalidInput.about("until", gettext("This instant is over."))
    if team.grants.count() >= MAX_GRANTS:
        raise Conflict(gettext("A queue has at most %(most)s grants.") % {"most": MAX_GRANTS})


@transaction.atomic
def withdraw_grant(given: Grant, *, actor: Actor) -> Team:
    """The right ends now. Returns the team. Raises NotPermitted; nothing where it was withdrawn meanwhile."""
    team = given.team
    queue_keepers_only(actor, team)
    if Grant.objects.filter(pk=given.pk).delete()[0]:
        lifecycle.announce(team, "right_withdrawn", actor=actor, changes={given.right: [given.holder, None]})
    return team


def _tell_leads(team: Team, made: Grant, actor: Actor) -> None:
    notify(
        members_of(team.pk, leads_only=True).exclude(pk=actor.id or 0),
        _("%(actor)s gave %(holder)s a right in %(team)s until %(until)s")
        % {"actor": actor.name, "holder": made.holder, "team": team.name, "until": f"{made.until:%Y-%m-%d %H:%M %Z}"},
        body=str(QueueRight(made.right).label),
        path=team.get_absolute_url(),
        record=team,
        by=("queue.rights_changed", "lead"),
    )


def seed(**_sent: Any) -> None:
    """After migrating: the triage queue, in which all who respond may work. Safe to run again, and twice at once."""
    if Team.objects.filter(triage=True).exists():
        return
    with transaction.atomic():
        team, is_new = Team.objects.get_or_create(
            slug=TRIAGE, defaults={"name": gettext("Triage"), "takes_work": True, "triage": True}
        )
        if not is_new:
            return
        Grant.objects.bulk_create(
            Grant(team=team, right=right.value, role=role.value, granted_at=timezone.now())
            for role in _WORKS_IN_TRIAGE
            for right in (QueueRight.CHANGE, QueueRight.ASSIGN, QueueRight.CREATE)
        )


def triage() -> Team:
    """The queue of what nothing else places."""
    found = rows.first(Team, "triage", [])
    if found is None:
        seed()
        found = Team.objects.get(triage=True)
    return found


def triage_id() -> int:
    """For what keeps no more of it than its key."""
    return triage().pk
