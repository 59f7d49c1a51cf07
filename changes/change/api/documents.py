"""The gate's answers as OpenAPI documents them; `shapes.py` makes the bodies, a test holds the two together."""

from typing import Any

from rest_framework import serializers

from changes.change.models import Evaluation
from changes.gate.vocabulary import Outcome
from itsm.api import fields

OUTCOMES = ", ".join(one.value for one in Outcome)


class ReasonDocument(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="stable")
    sentence = serializers.CharField(help_text="the rule in words, with its numbers")
    slo = serializers.CharField(help_text="the objective it is about, or empty")
    observed = serializers.CharField()
    limit = serializers.CharField()
    margin = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    age_seconds = serializers.IntegerField(allow_null=True)
    asks_for = serializers.CharField(allow_null=True, help_text=OUTCOMES)


class WhatWouldHelpDocument(serializers.Serializer[Any]):
    code = serializers.CharField()
    sentence = serializers.CharField(help_text="what would have to change")
    outcome = serializers.CharField(help_text="the answer it would lead to")


class PartBeforeDocument(serializers.Serializer[Any]):
    who = serializers.CharField(help_text="manager, team_lead, service_owner, team, role or person")
    value = serializers.CharField(help_text="which team, role or person")
    quorum = serializers.CharField(help_text='any, all, a number of people, a share such as "50%"')


class StepBeforeDocument(serializers.Serializer[Any]):
    rule = serializers.CharField(help_text="all or any of its parts")
    parts = PartBeforeDocument(many=True)


class AuthorityDocument(serializers.Serializer[Any]):
    who = serializers.CharField()
    before = StepBeforeDocument(many=True, help_text="who approves before they are asked, step after step")
    team = serializers.CharField(allow_null=True)
    quorum = serializers.IntegerField()
    due_at = fields.Instant()


class ChangeLinkDocument(serializers.Serializer[Any]):
    number = serializers.CharField()
    url = fields.OurAddress()
    page = fields.OurAddress()


class VerdictDocument(serializers.Serializer[Any]):
    answer = serializers.CharField(help_text="the outcome in the word that pages and mails have for it")
    because = serializers.CharField(help_text="the cell of the policy that ruled, in words")
    reasons = ReasonDocument(many=True, help_text="the deciding one first")
    what_would_help = WhatWouldHelpDocument(many=True)
    conditions = serializers.ListField(child=serializers.CharField())
    authority = AuthorityDocument(allow_null=True, help_text="who decides, when people must")


class ReachedDocument(serializers.Serializer[Any]):
    """A service that the change reaches through others, as the decision saw it."""

    service = serializers.CharField()
    state = serializers.CharField(help_text="of its budgets")
    path = serializers.ListField(
        child=serializers.CharField(),
        help_text="where items lie between: what it rests on, down to what is changed; empty: services alone",
    )


class CapacityForecastDocument(serializers.Serializer[Any]):
    """When a measure of what the change touches may meet its limit, as the decision saw it."""

    item = serializers.CharField(help_text='the service, or an item; "..." for a confidential one')
    measure = serializers.CharField()
    soonest = fields.Instant(allow_null=True, help_text="null: not in sight")
    likely = fields.Instant(allow_null=True)
    latest = fields.Instant(allow_null=True)
    measured_until = fields.Instant(allow_null=True, help_text="null: nothing was forecast yet")
    too_little = serializers.BooleanField(help_text="nothing can be said yet")


class HeldAllowanceDocument(serializers.Serializer[Any]):
    """What an agent or a team behind the change may draw of its service's headroom, as the decision saw it."""

    holder = serializers.CharField(help_text='"agent:<user name>" or "team:<slug>"')
    share = serializers.CharField(allow_null=True, help_text="of 1, as given; null: it has none")
    left = serializers.CharField(allow_null=True, help_text="of 1, after runs that failed and runs that were verified")


class PlaceDocument(serializers.Serializer[Any]):
    """The place-th of so many changes of one person that wait for the person's share of the budget."""

    place = serializers.IntegerField()
    of = serializers.IntegerField()


class OverrideDocument(serializers.Serializer[Any]):
    """Two names, a counted token of the team's in the quarter, and when the review is due."""

    asked_by = serializers.CharField()
    seconded_by = serializers.CharField()
    reason = serializers.CharField()
    number = serializers.IntegerField(help_text="of the team's in this quarter")
    at = fields.Instant()
    review_due_at = fields.Instant()


class EvaluationDocument(VerdictDocument):
    """One question to the gate: whether its answer stands (`status`, `allowed`), and what was decided when it was
    judged last (`outcome`, the reasons)."""

    id = serializers.UUIDField()
    status = fields.Choice(choices=Evaluation.Status.values, help_text="as it stands now, by the clock")
    allowed = serializers.BooleanField(help_text="true only for what is approved, unexpired, unused and not held")
    outcome = serializers.CharField(help_text=f"what was decided, which stays: {OUTCOMES}")
    change_class = serializers.CharField(help_text="as derived by the server")
    risk = serializers.CharField()
    reach = ReachedDocument(many=True, help_text="the services that depend on what it changes")
    capacity = CapacityForecastDocument(many=True, help_text="what runs out soonest first; empty: nothing is measured")
    allowances = HeldAllowanceDocument(many=True, help_text="empty: neither an agent's nor a team's change")
    reserved = serializers.DictField(child=serializers.CharField(), help_text="objective: share of its budget held")
    not_before = fields.Instant(required=False)
    queue = PlaceDocument(allow_null=True, help_text="where it waits for its asker's fair share, else null")
    decided_by = serializers.CharField(
        allow_null=True, help_text="policy, person or override; shadow: nobody, the gate does not rule its service yet"
    )
    override = OverrideDocument(allow_null=True, help_text="whose word it goes by where the gate did not approve it")
    ended_because = serializers.CharField(allow_null=True)
    held_because = serializers.ListField(
        child=serializers.CharField(),
        help_text="what has become worse since people approved it: it starts when they say so again",
    )
    asked_at = fields.Instant()
    expires_at = fields.Instant(allow_null=True)
    used_at = fields.Instant(allow_null=True)
    change = ChangeLinkDocument()
    policy_version = serializers.CharField()
    evidence_hash = serializers.CharField()
    enforced = serializers.BooleanField(help_text="false: shadow, recorded but not binding")


class BudgetDocument(serializers.Serializer[Any]):
    slo = serializers.CharField()
    state = serializers.CharField()
    remaining = serializers.CharField(allow_null=True)
    headroom = serializers.CharField(allow_null=True)


class ProbeDocument(VerdictDocument):
    """What the gate would say now; nothing is promised or kept."""

    allowed = serializers.BooleanField()
    enforced = serializers.BooleanField(help_text="false: shadow, allowed whatever the outcome")
    outcome = serializers.CharField(help_text=OUTCOMES)
    status = serializers.CharField()
    change_class = serializers.CharField()
    risk = serializers.CharField()
    decided_at = fields.Instant()
    not_before = fields.Instant(allow_null=True)
    policy_version = serializers.CharField()
    evidence_hash = serializers.CharField(help_text="the same question has the same, through whichever door it came")
    budgets = BudgetDocument(many=True)


class OutageDocument(serializers.Serializer[Any]):
    """The outage that is expected; no services: the change's own."""

    minutes = serializers.IntegerField()
    services = serializers.ListField(child=serializers.CharField())


class VoidedDocument(serializers.Serializer[Any]):
    """What an edit of a change's content took away."""

    evaluation = serializers.UUIDField()
    status = serializers.CharField(help_text="what the answer was: pending or approved")
    good_until = fields.Instant(allow_null=True)
    approved_by = serializers.ListField(child=serializers.CharField())
    reserved = serializers.DictField(child=serializers.CharField(), help_text="objective: share of its budget")
    queue = PlaceDocument(allow_null=True)
    sentences = serializers.ListField(child=serializers.CharField())
