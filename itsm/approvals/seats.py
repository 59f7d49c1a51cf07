"""Seats in plans when somebody leaves: a plan names people, so somebody has to take the place of who has gone.

Whoever takes it is named in the plan from then on; what was answered stays. Nobody who is excluded takes one.
"""

from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from itsm.accounts.duties import Duty
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalPlan, ApprovalRequest, Delegation
from itsm.approvals.stepping import Part, Step, as_json, from_json
from itsm.approvals.waiting import named
from itsm.kernel.actors import Actor
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _


def seats_of(person: User) -> Iterable[Duty]:
    """Plans that name this person for an answer that they have not given, now or in a later step."""
    for plan in _plans_naming(person):
        ask = plan.asks.order_by("id").last()
        if ask is None or not _waits_for(plan, person):
            continue
        of = named(ask)
        yield Duty(
            what=gettext("approval that names them"),
            reference=of.reference,
            name=of.title,
            path=of.path,
            otherwise=gettext("passes to their substitute or manager, who may decide; else administrators are told"),
            passes=True,
        )


def pass_seats(person: User, successor: User | None, actor: Actor) -> int:
    """Put somebody else into each seat that waits for this person. Returns how many plans that were.

    The successor, or else whom they named to decide in their place, or their manager; where none of them may, the seat
    goes, as long as the quorum can be reached without it, and administrators hear where it cannot. `actor`, who lets
    them go, names nobody who is to decide about what they want themselves. In the transaction of the
    deactivation. Raises nothing.
    """
    moved = 0
    for plan in _plans_naming(person).select_for_update(no_key=True).order_by("id"):
        waits = _waits_for(plan, person)
        if waits:
            _pass(plan, waits, person, None if actor.person_id in plan.excluded else _taker(plan, person, successor))
            moved += 1
    return moved


def _plans_naming(person: User) -> "QuerySet[ApprovalPlan]":
    named_in = [{"parts": [{"people": [person.pk]}]}]
    return ApprovalPlan.objects.filter(status=ApprovalPlan.Status.OPEN, steps__contains=named_in)


def _waits_for(plan: ApprovalPlan, person: User) -> frozenset[str]:
    """The parts, asked or still to be asked, in which this person's seat was not used."""
    steps = from_json(plan.steps)
    asks = {ask.part: ask for ask in plan.asks.prefetch_related("answers")}
    found = set()
    for part in (part for step in steps[plan.step :] for part in step.parts if person.pk in part.people):
        ask = asks.get(part.name)
        heard = ask is not None and any((one.in_place_of_id or one.by_id) == person.pk for one in ask.answers.all())
        if not heard and (ask is None or ask.status == ApprovalRequest.Status.OPEN):
            found.add(part.name)
    return frozenset(found)


def _taker(plan: ApprovalPlan, person: User, successor: User | None) -> User | None:
    able = (one for one in (successor, *_substitutes(plan, person), person.manager) if one is not None)
    return next((one for one in able if one.is_active and one.is_human and one.pk not in plan.excluded), None)


def _substitutes(plan: ApprovalPlan, person: User) -> Iterable[User]:
    """Whom they named to decide about this in their place, now; those delegations end right after this."""
    now = timezone.now()
    theirs = Delegation.objects.filter(person=person, ended_at=None, starts_at__lte=now, ends_at__gt=now, panel_kind="")
    theirs = (
        theirs.filter(record_kind__in=["", plan.record_kind]).select_related("delegate").order_by("-record_kind", "id")
    )
    return [one.delegate for one in theirs]


def _pass(plan: ApprovalPlan, parts: frozenset[str], person: User, taker: User | None) -> None:
    """Name the taker in those parts, in the plan and in what is asked; who is named there already has one seat."""

    def without(part: Part) -> Part:
        if part.name not in parts:
            return part
        people = part.people - {person.pk} | ({taker.pk} if taker is not None else set())
        return part if len(people) < part.quorum else Part(part.name, frozenset(people), part.quorum, part.label)

    steps = [Step([without(one) for one in step.parts], step.rule) for step in from_json(plan.steps)]
    now_named = {part.name: part for step in steps for part in step.parts}
    plan.steps = as_json(steps)
    plan.save(update_fields=["steps"])
    open_ones = list(plan.asks.filter(status=ApprovalRequest.Status.OPEN, part__in=parts))
    for ask in open_ones:
        ask.people = sorted(now_named[ask.part].people)
        ask.save(update_fields=["people"])
    stuck = [name for name in parts if person.pk in now_named[name].people]
    _tell(plan, person, taker if open_ones else None, bool(stuck))


def _tell(plan: ApprovalPlan, person: User, taker: User | None, is_stuck: bool) -> None:
    ask = plan.asks.order_by("id").last()
    if ask is None:
        return
    of = named(ask)
    words = {"reference": of.reference, "person": person.username}
    if taker is not None and not is_stuck:
        subject = _("%(reference)s waits for you: %(person)s, who was asked, has left") % words
        notify([taker], subject, path=of.path, by=("approval.passed_on", "approver"))
    if is_stuck:
        admins = User.objects.administrators()
        subject = _("%(reference)s waits, and nobody is left who may decide: %(person)s has left") % words
        notify(list(admins), subject, path=of.path, by=("approval.lacks_people", "approver"))
