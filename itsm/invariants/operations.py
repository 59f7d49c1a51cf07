"""Keeping what the auditor found, and clearing it: by a person, with a reason, without interest."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from itsm import lifecycle
from itsm.accounts.interest import require_no_interest
from itsm.accounts.step_up import require_proof
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.clocks import due
from itsm.invariants import concerned, permissions
from itsm.invariants.asking import Answer
from itsm.invariants.known import called
from itsm.invariants.models import MOST_SAMPLES, SHORTEST_REASON, Auditor, InvariantCheck, Violation
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState
from itsm.kernel.texts import is_blank

AUDITOR = Actor.system("auditor")
TELL = "invariants: tell of a violation"
CLEAR = "invariants: let a violation stand"
SILENT_AFTER = timedelta(minutes=5)


@transaction.atomic
def keep(
    answers: Iterable[Answer], *, at: datetime, full: bool = False, role: str = "", everything: bool = True
) -> list[Violation]:
    """Keep what was found: violations begin, go on, or are seen to hold again. Those that began.

    The auditor has looked only where everything that closes the gate was answered: what nobody could ask, nobody knows.
    `everything`: False where some ids were asked only.
    """
    began, blind = list[Violation](), False
    open_ones = {one.invariant: one for one in Violation.objects.open().select_for_update(of=("self",), no_key=True)}
    for answer in answers:
        _note(answer, at, full)
        blind = blind or bool(answer.failed and answer.invariant.closes_gate)
        new = _follow(answer, open_ones.get(answer.invariant.id), at)
        if new is not None:
            began.append(new)
    if everything and not blind:
        looked: dict[str, Any] = {"looked_at": at, "role": role, "told_silent_at": None}
        Auditor.objects.update_or_create(id=1, defaults=looked | ({"looked_at_all_at": at} if full else {}))
    return began


def _note(answer: Answer, at: datetime, full: bool) -> None:
    said: dict[str, Any] = {
        "asked_at": at, "took_ms": answer.took_ms, "found": answer.count, "failed": answer.failed[:300],
        "walked": dict(answer.walked),
    }  # fmt: skip
    if full and not answer.failed:
        said["asked_all_at"] = at
    InvariantCheck.objects.update_or_create(invariant=answer.invariant.id, defaults=said)


def _follow(answer: Answer, known: Violation | None, at: datetime) -> Violation | None:
    """The violation, where one begins."""
    sample, count = _without_accepted(answer)
    if not count:
        if known is not None and known.holds_since is None and answer.whole and not answer.failed:
            known.holds_since = at
            known.save(update_fields=["holds_since"])
            lifecycle.announce(known, "holds_again", actor=AUDITOR)
        return None
    if known is not None:
        known.last_seen_at, known.count, known.sample, known.holds_since = at, count, sample, None
        known.save(update_fields=["last_seen_at", "count", "sample", "holds_since"])
        return None
    new = Violation.objects.create(
        invariant=answer.invariant.id, closes_gate=answer.invariant.closes_gate, first_seen_at=at, last_seen_at=at,
        count=count, sample=sample,
    )  # fmt: skip
    lifecycle.created(new, actor=AUDITOR, changes={"found": [None, count]}, at=at)
    due.schedule(TELL, Violation.kind, new.pk, at)
    return new


def _without_accepted(answer: Answer) -> tuple[list[dict[str, str]], int]:
    """What people let stand as it is, is no violation once more: that very thing, found by that very question."""
    if not answer.count:
        return [], 0
    cleared = Violation.objects.filter(invariant=answer.invariant.id).exclude(accepted=[])
    accepted = {tuple(one) for kept in cleared.values_list("accepted", flat=True) for one in kept}
    found = [(name, *row) for name, row in answer.found]
    standing = [one for one in found if one not in accepted]
    sample = [{"question": a, "kind": b, "reference": c, "detail": d} for a, b, c, d in standing]
    return sample, answer.count - (len(found) - len(standing))


def clear(violation: Violation, *, actor: Actor, reason: str, version: int | None, at: datetime) -> Violation:
    """A person says what was wrong and what was done. What does not hold yet stands on two names: it `awaits` a second.

    Raises NotPermitted (others, programs, whoever has an interest), PasswordNeeded, InvalidInput (a short reason, more
    found than two people can look at), WrongState (cleared already), StaleVersion, VersionRequired.
    """
    reason = reason.strip()
    if is_blank(reason) or not SHORTEST_REASON <= len(reason) <= 2000:
        said = gettext("Say in %(least)s to 2000 characters what was wrong and what was done about it.")
        raise InvalidInput.about("reason", said % {"least": SHORTEST_REASON})
    require_clearer(violation, actor)
    require_proof(actor, doing=gettext("clear a violation"))
    with lifecycle.edit(violation, actor=actor, version=version, event="cleared") as current:
        _require_open(current)
        if current.holds_since is not None:
            current.cleared_at, current.cleared_by_id, current.cleared_because = at, actor.account_id, reason
            return current
        if current.count > len(current.sample):
            said = gettext("%(count)s were found, more than two people can answer for one by one: mend them first.")
            raise InvalidInput(said % {"count": current.count})
    shown = ", ".join(one["reference"] for one in violation.sample[:10])
    difference = Difference(gettext("What does not hold and stands all the same"), gettext("nothing"), shown)
    violation.awaits = propose(
        violation, actor=actor, at=at, action=CLEAR, reason=reason, differences=[difference],
        subject=gettext("Let a violation of %(id)s stand: %(title)s")
        % {"id": violation.invariant, "title": violation.title},
        payload={"reason": reason, "accepted": as_accepted(violation.sample)},
        services=concerned.services(violation), roles=[Role.ADMIN, Role.MANAGER],
    )  # fmt: skip
    return violation


def clear_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """A second person lets it stand. Raises WrongState where it was cleared, or other things were found since."""
    found = Violation.objects.get(pk=confirmation.record_id)
    require_clearer(found, actor)
    said = confirmation.payload
    with lifecycle.edit(found, actor=actor, version=None, version_required=False, event="cleared") as current:
        _require_open(current)
        if current.holds_since is None and as_accepted(current.sample) != said["accepted"]:
            raise WrongState(gettext("Other things were found since it was proposed; look at them and propose anew."))
        current.cleared_at, current.cleared_by_id = at, confirmation.person_id
        current.cleared_because, current.accepted = said["reason"], said["accepted"]


def as_accepted(sample: Sequence[dict[str, str]]) -> list[list[str]]:
    """What a sample names, as it is kept when it is accepted. Raises nothing."""
    return sorted([one["question"], one["kind"], one["reference"], one["detail"]] for one in sample[:MOST_SAMPLES])


def require_clearer(violation: Violation, actor: Actor) -> None:
    """Raise NotPermitted for programs, other roles, and whoever wants something of what was found."""
    if not permissions.clearers(actor):
        raise NotPermitted(gettext("Administrators and change managers, people, clear what the auditor found."))
    doing = gettext("clear a violation")
    require_no_interest(actor, concerned.services(violation), doing=doing)
    concerned.require_unconcerned(violation, actor, doing=doing)


def _require_open(violation: Violation) -> None:
    if violation.cleared_at is not None:
        raise WrongState(gettext("It was cleared already."))


def title_of(violation: Violation) -> str:
    """What should hold, and does not. Raises nothing."""
    found = called(violation.invariant)
    return str(found.title) if found is not None else violation.invariant
