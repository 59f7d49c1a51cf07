"""Reads of asks and confirmations: what waits for me, what was decided about a record."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext

from itsm.accounts.queues import rights_in_queues
from itsm.approvals.asked import kinds_by_rules
from itsm.approvals.models import ApprovalDecision, ApprovalRequest, Confirmation, Delegation
from itsm.approvals.panels import seats_of
from itsm.approvals.permissions import may_be_delegates, second_persons
from itsm.approvals.standing_in import asks_as_delegate, asks_bound
from itsm.composed import composed
from itsm.kernel.actors import Actor
from itsm.kernel.actors import Role as ActorRole
from itsm.kernel.errors import NotFound
from itsm.kernel.references import number_in
from itsm.search.models import Document

_MAX_COUNTED = 50


def waiting_for(actor: Actor, at: datetime | None = None) -> QuerySet[ApprovalRequest]:
    """Open asks that this person may answer, for themselves or in the place of somebody, the most pressing first; of a
    plan those that they have not answered. `at`: by what is delegated then, not now. Whoever looks with the rights of
    others sees what waits for that person, without what is hidden from themselves."""
    me = actor.whose_work
    if not actor.is_human or me is None:
        return ApprovalRequest.objects.none()
    asked = Q() if ActorRole.ADMIN in actor.roles else Q(role__in=[role.value for role in actor.roles])
    for rules, kinds in kinds_by_rules().items() if asked else ():
        if actor.roles & {*rules.stand_ins}:
            asked |= Q(record_kind__in=kinds)
        if rules.admit_by_team(actor):
            asked |= Q(record_kind__in=kinds, team__in=actor.teams)
    found = Q(panel_kind="", part="") & asked | Q(people__contains=[me]) & ~Q(part="")
    for kind, numbers in seats_of(me).items():
        found |= Q(panel_kind=kind, panel_id__in=numbers)
    if may_be_delegates(actor):
        found |= asks_as_delegate(me, _asked_of_the_person(), at)
    else:  # who decides nothing for their role may still stand in for somebody who was named
        found |= asks_as_delegate(me, _named(), at)
    rows = ApprovalRequest.objects.filter(found, status=ApprovalRequest.Status.OPEN)
    if actor.looks_only:
        rows = rows.exclude(_about_hidden(actor))
    return (
        rows.exclude(excluded__contains=[me])
        .exclude(asks_bound(me, at))
        .exclude(~Q(part="") & Exists(_seat_used_by(me)))
        .order_by("due_at", "id")
    )


def asked_of(actor: Actor) -> QuerySet[ApprovalRequest]:
    """Of `waiting_for` what is put to this actor themselves: who is asked reads more of a record. Whoever looks with
    the rights of others sees what waits for that person, and is not asked by that."""
    return waiting_for(replace(actor, waits_as=None))


def _about_hidden(actor: Actor) -> Exists:
    """That an ask is about a record in a queue that is hidden from this reader."""
    hidden = [f"queue:{one}" for one in sorted(rights_in_queues(actor).hidden)]
    about = Document.objects.filter(record_kind=OuterRef("record_kind"), record_id=OuterRef("record_id"))
    return Exists(about.filter(audience__overlap=hidden))


def _seat_used_by(person_id: int) -> "QuerySet[ApprovalDecision]":
    """What this person, or somebody in their place, has said to the ask outside: of a plan that is said once."""
    said = Q(by=person_id) | Q(in_place_of=person_id)
    return ApprovalDecision.objects.filter(said, ask=OuterRef("pk"))


def unanswered_first(actor: Actor) -> QuerySet[ApprovalRequest]:
    """`waiting_for`, with what this person has not spoken about yet in front: many votes hide nothing that waits."""
    answered = Exists(ApprovalDecision.objects.filter(ask=OuterRef("pk"), by=actor.whose_work))
    return waiting_for(actor).order_by(answered, "due_at", "id")


def _asked_of_the_person() -> Q:
    """The same of whoever delegated: a condition on a delegation, inside a statement about asks."""
    roles: Any = {name: Q(person__roles__contains=[name]) for name in ActorRole}
    asked = roles[ActorRole.ADMIN] | Q(person__roles__contains=[OuterRef("role")])
    for rules, kinds in kinds_by_rules().items():
        of_kind = Q(kind_asked__in=kinds)
        for role in rules.stand_ins:
            asked |= of_kind & roles[role]
        for role in rules.team_roles:
            asked |= of_kind & roles[role] & Q(person__teams=OuterRef("team"))
    found: Q = Q(panel_asked="", part_asked="") & asked | _named()
    for kind, numbers in seats_of(OuterRef("person")).items():
        found |= Q(panel_asked=kind, number_asked__in=numbers)
    return found


def _named() -> Q:
    """The same where people are asked by name, and were not heard yet."""
    said = Q(by=OuterRef("person_id"), in_place_of=None) | Q(in_place_of=OuterRef("person_id"))
    heard = Exists(ApprovalDecision.objects.filter(said, ask=OuterRef("ask_asked")))
    return Q(people_asked__contains=[F("person_id")]) & ~Q(heard)


def about(record: Any) -> list[ApprovalRequest]:
    """Every ask about a record with its answers, newest first."""
    asks = ApprovalRequest.objects.filter(record_kind=record.kind, record_id=record.pk)
    return list(asks.select_related("team").prefetch_related("answers__by", "answers__in_place_of").order_by("-id"))


def open_about(record: Any) -> ApprovalRequest | None:
    """The open approval request about a record, None where nothing is asked. Of a plan: `plans.open_plan`."""
    return ApprovalRequest.objects.filter(
        record_kind=record.kind, record_id=record.pk, status=ApprovalRequest.Status.OPEN, part=""
    ).first()


def open_asks(record: Any) -> QuerySet[ApprovalRequest]:
    """Everything that is asked about a record now: one ask, or the parts of a step of a plan."""
    return ApprovalRequest.objects.filter(
        record_kind=record.kind, record_id=record.pk, status=ApprovalRequest.Status.OPEN
    )


def confirmations(actor: Actor) -> QuerySet[Confirmation]:
    """What waits, or waited, for a second person, as far as this actor may see it."""
    return Confirmation.objects.visible_to(actor).select_related("proposed_by", "decided_by", "team")


def confirmation_by_reference(actor: Actor, text: str) -> Confirmation:
    """The confirmation with this reference, or NotFound."""
    number = number_in(text, "CNF")
    found = confirmations(actor).filter(pk=number).first() if number else None
    if found is None:
        raise NotFound(gettext("There is no confirmation %(text)s, or you may not see it.") % {"text": text[:20]})
    return found


def delegations(actor: Actor) -> QuerySet[Delegation]:
    """Who decides in whose place, planned, running and over, as far as this actor may see it."""
    return Delegation.objects.visible_to(actor).select_related("person", "delegate")


def delegation_by_reference(actor: Actor, text: str) -> Delegation:
    """The delegation with this reference, or NotFound."""
    number = number_in(text, "DLG")
    found = delegations(actor).filter(pk=number).first() if number else None
    if found is None:
        raise NotFound(gettext("There is no delegation %(text)s, or you may not see it.") % {"text": text[:20]})
    return found


def waiting_about(record: Any) -> QuerySet[Confirmation]:
    """What waits for a second person about this record, the newest first."""
    return Confirmation.objects.waiting().filter(record_kind=record.kind, record_id=record.pk)


def waiting_confirmations(actor: Actor) -> int:
    """How many writes wait for a second person who could be this actor."""
    if not actor.is_human or actor.id is None:
        return 0
    return sum(second_persons(actor, one) for one in _first_proposed(replace(actor, memo=None)).all())


@composed
def _first_proposed(actor: Actor) -> QuerySet[Confirmation]:
    waiting = Confirmation.objects.visible_to(actor).waiting().exclude(excluded__contains=[actor.person_id])
    return waiting.only("excluded", "roles", "team_id")[:_MAX_COUNTED]
