"""A business-critical change ships all the same: with two names on it, a counted token, and a review.

It is never an approval: the answer says `override`, the gate's verdict stays as it is beside it. Allowed whatever the
budget says, never in a lockdown. The named second person confirms (`itsm.approvals.confirming`); until then nothing
has changed.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from changes.calendar.operations.locking import share_calendar
from changes.change.models import Change, Evaluation
from changes.change.models.override import PER_QUARTER, SHORTEST_REASON, Override
from changes.change.operations.evaluations import GATE, grant, live_evaluation
from changes.change.operations.holding import Looked
from changes.change.operations.lasting import people_of, person_approval_until
from changes.change.permissions import override_authorities
from changes.change.queries.overrides import lockdown_now, quarter_of, tokens_left
from changes.change.vocabulary import OUTCOMES
from changes.change.workflow import Status
from itsm import lifecycle
from itsm.accounts.interest import natural_persons
from itsm.accounts.models import Team, User
from itsm.accounts.queues import managers, owners_in
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.deciders import deciders
from itsm.approvals.models import Confirmation
from itsm.approvals.plans import withdraw_plan
from itsm.approvals.queries import open_asks
from itsm.clocks import due
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.notifications.notifying import notify
from itsm.notifications.sayings import saying as _
from itsm.ui.colours import word

OVERRIDE = "changes: override the gate"
REVIEW = "changes.override_review"
REVIEW_WITHIN = timedelta(days=2)
OVERRIDABLE = (Evaluation.Status.PENDING, Evaluation.Status.REJECTED)
OPEN_TO_OVERRIDE = (Status.DRAFT, Status.ASSESSING, Status.AUTHORISING)


@transaction.atomic
def ask_override(
    evaluation: Evaluation, *, actor: Actor, reason: str, second_person: User, at: datetime
) -> Confirmation:
    """Ask that the change goes although the gate did not let it. Nothing has changed until the second person confirms.

    Raises NotPermitted (no authority), InvalidInput (reason, second person), WrongState (lockdown, no token left, the
    change has moved on).
    """
    change = lifecycle.locked(evaluation.change)
    if not override_authorities(actor, change):
        raise NotPermitted(gettext("Owners of the service and change managers, people, override the gate."))
    if len(reason.strip()) < SHORTEST_REASON:
        raise InvalidInput.about(
            "reason",
            gettext("Say in at least %(count)d characters why it cannot wait.") % {"count": SHORTEST_REASON},
        )
    _require_second(change, actor, second_person)
    left = _require_possible(change, evaluation, at)
    words = {"change": change.reference, "summary": change.summary}
    return propose(
        change,
        actor=actor,
        at=at,
        action=OVERRIDE,
        subject=gettext("Override the gate for %(change)s: %(summary)s") % words,
        payload={"evaluation": str(evaluation.pk), "content": change.content_hash, "second_person": second_person.pk},
        differences=[
            Difference(gettext("answer"), _answer_in_words(evaluation), gettext("override")),
            Difference(gettext("overrides left this quarter"), str(left), str(left - 1)),
            Difference(gettext("confirmed by, and nobody else"), "\N{EN DASH}", str(second_person)),
        ],
        services=[change.service_id],
        roles=(Role.MANAGER, Role.OWNER),
        team=change.service.team,
        excluded=change.interested,
        reason=reason,
    )


def _answer_in_words(evaluation: Evaluation) -> str:
    """What is overridden, as people read it everywhere else."""
    if not evaluation.outcome:
        return evaluation.get_status_display()
    said, _tone = word(OUTCOMES, evaluation.outcome)
    return str(said)


def override_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The override that the named second person confirmed.

    Raises NotPermitted (somebody else), WrongState (lockdown since, no token left, the change has moved on).
    """
    kept = confirmation.payload
    if actor.id != kept["second_person"]:
        raise NotPermitted(gettext("An override is confirmed by the person whom it names, and by nobody else."))
    share_calendar()  # nothing closes until this is done
    change = lifecycle.locked(Change.objects.get(pk=confirmation.record_id))
    evaluation = Evaluation.objects.select_for_update(of=("self",), no_key=True).get(pk=kept["evaluation"])
    if change.content_hash != kept["content"]:
        raise WrongState(gettext("%(change)s has changed since; ask anew.") % {"change": change.reference})
    team_id = change.service.team_id or 0
    Team.objects.select_for_update(no_key=True).filter(pk=team_id).first()  # its tokens are taken one at a time
    left = _require_possible(change, evaluation, at)
    override = Override.objects.create(
        evaluation=evaluation, change=change, team_id=team_id, asked_by_id=confirmation.proposed_by_id,
        seconded_by=User.objects.get(pk=actor.id or 0),
        reason=confirmation.reason, quarter=quarter_of(at), number=PER_QUARTER - left + 1, at=at,
        review_due_at=at + REVIEW_WITHIN,
    )  # fmt: skip
    _let_go(change, evaluation, override, actor, at)


def _let_go(change: Change, evaluation: Evaluation, override: Override, actor: Actor, at: datetime) -> None:
    board = _who_was_asked(change)
    withdraw_plan(change, at, gettext("overridden"))
    if change.status == Status.DRAFT:  # the gate had refused it
        with lifecycle.step(change, "submit", actor=GATE, locked_by_caller=True):
            pass
    Looked.at(change, evaluation, at).remember(evaluation, at)
    until = person_approval_until(change, at)
    decided = Evaluation.DecidedBy.OVERRIDE

    def mark() -> None:
        change.overridden = True

    remark = override.reason
    grant(change, evaluation, actor=actor, until=until, decided_by=decided, at=at, remark=remark, describe=mark)
    said = {"asked_by": [None, override.asked_by.username], "number": [None, override.number]}
    lifecycle.announce(change, "overridden", actor=actor, changes=said, remark=override.reason)
    due.schedule(REVIEW, change.kind, change.pk, override.review_due_at)
    words = {"change": change.reference, "asked": override.asked_by.username, "second": actor.name}
    notify(
        [*_owners(change), *board, *people_of(change)],
        _("%(change)s goes by override of %(asked)s and %(second)s") % words,
        body=override.reason,
        path=change.get_absolute_url(),
        record=change,
        by=("change.overridden", "owner"),
    )


def remind_of_review(change_id: int, at: datetime) -> None:
    """Due: two days after an override its owners are asked for the review. Once it ran, its own dates count."""
    change = Change.objects.select_related("service").get(pk=change_id)
    if change.status == Status.CLOSED or change.review_due_at is not None:
        return
    notify(
        _owners(change),
        _("The review of %(change)s, which went by override, is due") % {"change": change.reference},
        path=change.get_absolute_url(),
        record=change,
        by=("change.review_due", "owner"),
    )


def who_may_second(change: Change, actor: Actor) -> QuerySet[User]:
    """Other owners of the service and change managers, people, who are not involved in the change; by name.

    Raises nothing.
    """
    involved = {one for one in (actor.id, actor.person_id, *change.interested) if one is not None}
    owners = Q(roles__contains=[Role.OWNER.value], teams=change.service.team_id or 0)
    authorities = owners | Q(roles__overlap=[Role.MANAGER.value, Role.ADMIN.value])
    people = User.objects.active_people().filter(authorities).distinct()
    return people.exclude(pk__in=involved | natural_persons(involved)).order_by("name", "username")


def tokens_now(evaluation: Evaluation, *, actor: Actor, at: datetime) -> int:
    """How many overrides the team has left, where one may be asked for now; nothing is written.

    Raises NotPermitted (no authority) and WrongState (lockdown, no token left, the change has moved on).
    """
    if not override_authorities(actor, evaluation.change):
        raise NotPermitted(gettext("Owners of the service and change managers, people, override the gate."))
    return _require_possible(evaluation.change, evaluation, at)


def _require_second(change: Change, actor: Actor, second: User) -> None:
    if second.pk in (actor.id, actor.person_id):
        raise NotPermitted(gettext("Four eyes: the second person is somebody else."))
    if not who_may_second(change, actor).filter(pk=second.pk).exists():
        raise InvalidInput.about(
            "second_person",
            gettext("The second person is another owner of the service or change manager, and not involved in it."),
        )


def _require_possible(change: Change, evaluation: Evaluation, at: datetime) -> int:
    """How many tokens are left, where the gate's answer is the newest about this content and holds it."""
    newest = change.evaluations.order_by("-asked_at", "-id").first()
    live = live_evaluation(change)
    stands = newest is not None and newest.pk == evaluation.pk and (live is None or live.pk == evaluation.pk)
    open_still = change.status in OPEN_TO_OVERRIDE
    if not stands or not open_still or evaluation.content_hash != change.content_hash:
        raise WrongState(
            gettext("%(change)s has moved on since this answer; ask the gate again.") % {"change": change.reference}
        )
    if evaluation.status not in OVERRIDABLE:
        raise WrongState(
            gettext("There is nothing to override: this answer is %(state)s.")
            % {"state": evaluation.get_status_display()}
        )
    locked = lockdown_now(change, evaluation, at)
    if locked:
        raise WrongState(gettext("The lockdown “%(name)s” holds everything.") % {"name": locked})
    left = tokens_left(change.service.team_id, at)
    if left <= 0:
        raise WrongState(
            gettext("The team of %(service)s has no override left this quarter; there are %(count)d.")
            % {"service": change.service.slug, "count": PER_QUARTER}
        )
    return left


def _owners(change: Change) -> list[User]:
    return [*owners_in(change.service.team_id), *managers()]


def _who_was_asked(change: Change) -> list[User]:
    able = [one for ask in open_asks(change) for one in deciders(ask).able]
    return list(dict.fromkeys(able))
