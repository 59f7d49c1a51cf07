"""What waits for a person who leaves, or for a team that is merged: asks go to whoever else may answer them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.actors import actor_for
from itsm.accounts.duties import Duty
from itsm.accounts.models import Team, User
from itsm.approvals.confirming import CLOCK, EXPIRES
from itsm.approvals.deciders import Deciders, deciders
from itsm.approvals.models import ApprovalPlan, ApprovalRequest, Confirmation, Delegation
from itsm.approvals.queries import waiting_for
from itsm.approvals.seats import pass_seats, seats_of
from itsm.approvals.waiting import named
from itsm.clocks import due
from itsm.kernel.actors import Actor, Door
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _


def asked(person: User) -> list[Duty]:
    """Open asks that wait for this person, among others or alone; of a plan the seats that they have in it."""
    found = list(seats_of(person))
    for approval in _waiting_for(person):
        of = named(approval)
        left = _without(deciders(approval), person)
        found.append(
            Duty(
                what=gettext("approval that waits for them"),
                reference=of.reference,
                name=of.title,
                path=of.path,
                otherwise=gettext("%(count)s others may decide; they are told") % {"count": len(left)}
                if len(left) >= approval.quorum
                else gettext("nobody is left who may decide; administrators are told"),
            )
        )
    return found


def ask_others(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Whoever else may answer hears that it waits for them now; where too few are left, administrators do.

    A seat in a plan passes: to the successor, or to the manager, unless an interest keeps them out.
    """
    pass_seats(person, successor, actor)
    for approval in _waiting_for(person):
        of = named(approval)
        words = {"reference": of.reference, "person": person.username}
        left = _without(deciders(approval), person)
        if len(left) >= approval.quorum:
            subject = _("%(reference)s waits for you: %(person)s, who was asked as well, has left") % words
            answered = set(approval.answers.values_list("by", flat=True))
            told = [one for one in left if one.pk not in answered]
        else:
            subject = _("%(reference)s waits, and nobody is left who may decide: %(person)s has left") % words
            told = list(User.objects.administrators())
        notify(told, subject, path=of.path, by=("approval.passed_on", "approver"))


def any_ask(person: int) -> "list[QuerySet[Any, Any]]":
    """Whether anything is asked of anybody: by role and team, whom it waits for is a question of its own."""
    open_ones = ApprovalRequest.objects.filter(status=ApprovalRequest.Status.OPEN)
    return [open_ones, ApprovalPlan.objects.filter(status=ApprovalPlan.Status.OPEN)]


def delegated(person: User) -> list[Duty]:
    """Delegations that run or are to run, of theirs and to them."""
    return [
        Duty(
            what=gettext("delegation"),
            reference=one.reference,
            name=gettext("%(delegate)s for %(person)s") % {"delegate": one.delegate, "person": one.person},
            path=one.get_absolute_url(),
            otherwise=gettext("ends"),
        )
        for one in _delegations_of(person)
    ]


def end_delegations(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """Nobody decides in the place of who has left, and they in nobody's. Raises nothing."""
    for one in _delegations_of(person):
        with lifecycle.edit(one, actor=CLOCK, version=None, version_required=False, event="ended") as current:
            current.ended_at, current.ended_by_id = at, actor.id


def any_delegation(person: int) -> "list[QuerySet[Any, Any]]":
    """Those that have not ended, by anybody's word."""
    return [Delegation.objects.filter(Q(person=person) | Q(delegate=person), ended_at=None)]


def _delegations_of(person: User) -> list[Delegation]:
    theirs = Delegation.objects.filter(Q(person=person) | Q(delegate=person), ended_at=None, ends_at__gt=timezone.now())
    return list(theirs.select_related("person", "delegate"))


def _waiting_for(person: User) -> list[ApprovalRequest]:
    """Read by their roles and teams, whether or not they are active still."""
    waits = waiting_for(actor_for(person, Door.TASK)).filter(part="").exclude(answers__by=person)
    return list(waits.prefetch_related("answers__by"))


def _without(those: Deciders, person: User) -> list[User]:
    return [one for one in [*those.able, *those.standing_in] if one.pk != person.pk]


def proposed(person: User) -> list[Duty]:
    """Writes that they, or a program of theirs, proposed and nobody has confirmed."""
    return [
        Duty(
            what=gettext("proposal that waits for a second person"),
            reference=one.reference,
            name=one.subject,
            path=one.get_absolute_url(),
            otherwise=gettext("ends unconfirmed; somebody else may propose it again"),
        )
        for one in _proposals(person)
    ]


def end_proposals(person: User, successor: User | None, actor: Actor, at: datetime) -> None:
    """What somebody proposed who can no longer answer for it is off."""
    remark = gettext("%(person)s, who proposed it, has left.") % {"person": person.username}
    for one in _proposals(person):
        with lifecycle.step(one, "expire", actor=CLOCK, remark=remark) as current:
            due.cancel(Confirmation.kind, current.pk, EXPIRES)


def any_proposal(person: int) -> "list[QuerySet[Any, Any]]":
    """Without any that waits nothing is called off."""
    return [Confirmation.objects.waiting().filter(Q(person=person) | Q(proposed_by=person))]


def _proposals(person: User) -> "QuerySet[Confirmation]":
    return Confirmation.objects.waiting().filter(Q(person=person) | Q(proposed_by=person))


def asks_of(team: Team) -> Iterable[Duty]:
    """Open asks that are put to this team."""
    for approval in ApprovalRequest.objects.filter(team=team, status=ApprovalRequest.Status.OPEN):
        of = named(approval)
        yield Duty(
            what=gettext("approval that waits for the team"),
            reference=of.reference,
            name=of.title,
            path=of.path,
            otherwise=gettext("goes on waiting for its members"),
            passes=True,
        )


def asks_follow(old: Team, new: Team, actor: Actor) -> int:
    """Open asks are put to the other team; what was answered goes on naming who was asked."""
    return ApprovalRequest.objects.filter(team=old, status=ApprovalRequest.Status.OPEN).update(team=new)


def confirmations_of(team: Team) -> Iterable[Duty]:
    """Proposals that wait for an owner in this team."""
    for one in Confirmation.objects.waiting().filter(team=team):
        yield Duty(
            what=gettext("proposal that waits for the team"),
            reference=one.reference,
            name=one.subject,
            path=one.get_absolute_url(),
            otherwise=gettext("goes on waiting for its members"),
            passes=True,
        )


def confirmations_follow(old: Team, new: Team, actor: Actor) -> int:
    """Waiting proposals wait for the other team."""
    return Confirmation.objects.waiting().filter(team=old).update(team=new)


def count_as(old: User, new: User, actor: Actor) -> int:
    """Two accounts are one person: who keeps out as the one keeps out as the other; who has answered does not again."""
    # Plans before what they ask: in the order in which an answer holds them.
    of_plans = ApprovalPlan.objects.filter(status=ApprovalPlan.Status.OPEN, excluded__contains=[old.pk])
    for plan in of_plans.select_for_update(no_key=True):
        plan.excluded = sorted({*plan.excluded, new.pk})
        plan.save(update_fields=["excluded"])
    kept_out = Q(excluded__contains=[old.pk]) | Q(answers__by=old) | Q(answers__in_place_of=old)
    asks = ApprovalRequest.objects.filter(kept_out, status=ApprovalRequest.Status.OPEN).exclude(
        excluded__contains=[new.pk]
    )
    moved = 0
    for one in ApprovalRequest.objects.filter(pk__in=asks.values("pk")).select_for_update(no_key=True):
        one.excluded = sorted({*one.excluded, new.pk})
        one.save(update_fields=["excluded"])
        moved += 1
    for proposal in Confirmation.objects.waiting().filter(excluded__contains=[old.pk]).select_for_update(no_key=True):
        proposal.excluded = sorted({*proposal.excluded, new.pk})
        proposal.save(update_fields=["excluded"])
    return moved
