"""No tool of the agents' door approves, overrides, votes, confirms, activates, erases or grants, whoever its agent is
for. Each tool of `tools.every()` is in the matrix, and a tool that is not fails here; the database holds the rest."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import Error, IntegrityError, connection, transaction

from itsm.accounts.models import User
from itsm.agents import calling, tools
from itsm.agents.capabilities import OUTWARD, Capability
from itsm.audit.models import Entry
from itsm.audit.of_agents import MAY_NOTE
from itsm.audit.only_people import NotByAnAgent
from itsm.audit.recording import record_event
from itsm.kernel.actors import Role
from itsm.kernel.errors import NotPermitted
from itsm.proposals.models import Proposal
from tests.api.world import World
from tests.itsm.agents.founding import agent_of, call_by
from tests.itsm.agents.tables import picture, written
from tests.slo.proving import IN_FULL
from tests.together import each_of

pytestmark = pytest.mark.django_db
READS: frozenset[str] = frozenset()
ASKS = frozenset({"change.created", "change.submitted", "change.edited", "change.reverted", "change.sent_to_gate"})
# Tool -> what it notes beside `agent.called` and `confidential.read`, and what it is asked in the company of the tests.
MATRIX: dict[str, tuple[frozenset[str], Callable[[World], dict[str, Any]]]] = {
    "ask_gate": (ASKS, lambda it: {"service": it.service.slug, "summary": "Another build", "plan": "Roll it out"}),
    "find_answers": (READS, lambda it: {"reference": it.incident.reference}),
    "free_slots": (READS, lambda it: {"service": it.service.slug}),
    "impact_of": (READS, lambda it: {"service": it.service.slug, "words": True}),
    "may_i_deploy": (READS, lambda it: {"service": it.service.slug}),
    "my_proposals": (READS, lambda it: {}),
    "my_queue": (READS, lambda it: {}),
    "propose": (
        frozenset({"proposal.created"}),
        lambda it: {"reference": it.incident.reference, "reason": "It says so", "fields": {"urgency": 1}},
    ),
    "read_article": (READS, lambda it: {"reference": it.article.reference}),
    "read_incident": (READS, lambda it: {"reference": it.incident.reference}),
    "read_postmortem": (READS, lambda it: {"reference": it.postmortem.reference}),
    "read_problem": (READS, lambda it: {"reference": it.problem.reference}),
    "read_request": (READS, lambda it: {"reference": it.requested.reference}),
    "read_service": (READS, lambda it: {"reference": it.service.slug}),
    "report_result": (
        frozenset({"change.started", "change.finished", "change.rolled_back"}),
        lambda it: {"change": it.running.reference, "status": "succeeded"},
    ),
    "roll_back_to": (READS, lambda it: {"service": it.service.slug}),
    "search": (READS, lambda it: {"text": "payments"}),
    "what_changed": (READS, lambda it: {"service": it.service.slug, "words": True}),
    "who_is_on_call": (READS, lambda it: {}),
    "why": (READS, lambda it: {"change": it.running.reference}),
    "withdraw_proposal": (
        frozenset({"proposal.withdrawn"}),
        lambda it: {"id": Proposal.objects.order_by("-id").values_list("id", flat=True).first() or 1},
    ),
}
OWNERS = [*Role, "all"]
NOT_THEIRS = {"report_result", "withdraw_proposal"}  # a run of somebody else's; what the one before made may be none
# Where it stands that somebody decided, or what somebody may.
DECISIONS = {
    "accounts_grant", "accounts_membership", "accounts_ownrole", "accounts_team", "accounts_token", "accounts_user",
    "approvals_approvaldecision", "approvals_confirmation", "approvals_delegation", "catalog_service",
    "changes_allowance", "changes_board", "changes_calendarwindow", "changes_changemodel", "changes_gatepolicy",
    "changes_gateshadow", "changes_override", "changes_policyactivation", "changes_policyversion", "changes_refund",
    "slo_correction", "slo_objective",
}  # fmt: skip
# What a tool that only reads writes all the same: that it was called, and that it read.
OF_READING = re.compile(r"audit_\w+|audit_trail_confidentialread|agents_\w+")
DECIDE = re.compile(
    r"approv|authori|declin|overrid|overrul|vote|confirm|activat|adopt|grant|erase|accept|dismiss|waive|publish|lift|"
    r"delegat|retire|delete|remove|revoke|close|resolve|merge"
)


def test_every_tool_is_in_the_matrix() -> None:
    assert {one.name for one in tools.every()} == set(MATRIX)


@pytest.mark.parametrize("tool", tools.every(), ids=lambda tool: tool.name)
def test_a_tool_says_what_it_is(tool: tools.Tool) -> None:
    leaves, _asked = MATRIX[tool.name]
    assert DECIDE.search(tool.name) is None
    assert leaves <= set(MAY_NOTE)
    assert tool.writes or not leaves
    assert tool.capability in OUTWARD or not tool.writes_outward
    assert tool.writes_outward or not {one for one in leaves if one.startswith("change.")}


def test_no_capability_and_no_noted_event_is_a_decision() -> None:
    assert [one for one in (*Capability.values, *MAY_NOTE) if DECIDE.search(one)] == []


def _owner(world: World, whose: str) -> User:
    if whose == "all":
        return User.objects.create(username="everything", roles=[role.value for role in Role if role != Role.AUDITOR])
    return world.people[whose]


@pytest.mark.heavy
@pytest.mark.parametrize("whose", OWNERS if IN_FULL else ["requester", "engineer", "admin", "all"])
def test_no_tool_decides_anything_for_anybody(whose: str, world: World) -> None:
    agent = agent_of(_owner(world, whose))
    agent.outward_after_reading = [*Capability.values]  # so that reading keeps nothing from being tried
    agent.save()
    begun = Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    stood = picture()
    for tool in sorted(tools.every(), key=lambda one: one.writes):
        leaves, asked = MATRIX[tool.name]
        outcome = calling.call(call_by(agent), tool.name, asked(world))
        refused = outcome.refusal or {"status": 200}
        works = whose in {"engineer", "all"} and tool.name not in NOT_THEIRS
        assert refused["status"] in ({200} if works else {200, 400, 403, 404}), (tool.name, refused)
        now = picture()
        touched, stood = written(stood, now), now
        assert touched & DECISIONS == set(), tool.name
        if not tool.writes:
            assert [one for one in touched if not OF_READING.fullmatch(one)] == [], tool.name
        noted = Entry.objects.filter(pk__gt=begun, actor_id=agent.account_id)
        assert set(noted.values_list("event", flat=True)) <= {"agent.called", "confidential.read", *leaves}, tool.name
        assert set(noted.values_list("actor_kind", flat=True)) == {"agent"}
        begun = Entry.objects.order_by("-id").values_list("id", flat=True)[0]


def every_step() -> set[str]:
    """All that a workflow notes, of any record."""
    found = set()
    for model in apps.get_models():
        kind, table = getattr(model, "kind", ""), getattr(model, "workflow", None)
        if isinstance(kind, str) and hasattr(table, "steps"):
            found |= {f"{kind}.{step.done}" for step in table.steps.values()}
    return found


OTHERS = {
    "ask.answered", "change.answered", "change.authorised", "change.confirmed", "change.declined", "change.overridden",
    "change.reviewed", "change.closed", "policy.adopted", "policy.answered", "own_role.created", "own_role.widened",
    "token.issued", "user.edited", "user.erased", "team.right_granted", "delegation.created", "agent.edited",
    "agent.connected", "proposal.accepted", "proposal.edited", "proposal.dismissed", "allowance.created",
    "incident.noted", "incident.answered", "incident.edited", "incident.created", "meeting.decided",
}  # fmt: skip


def test_the_history_takes_nothing_else_of_an_agent_whoever_writes_it(engineer: User) -> None:
    agent = agent_of(engineer)
    names = every_step() | OTHERS
    assert len(names) > 120
    insert = (
        "INSERT INTO audit_entry (actor_id, actor_name, actor_kind, via, event, record_kind, record_id, reference,"
        " changes, remark, request_id) VALUES (%s, 'it', %s, 'mcp', %s, 'x', 1, 'x', '{}', '', '')"
    )
    taken = set()
    for event in sorted(names | set(MAY_NOTE)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(insert, [agent.account_id, "agent", event])
            taken.add(event)
        except IntegrityError as error:
            assert "software_agents_decide_nothing" in str(error)  # noqa: PT017
    assert taken == set(MAY_NOTE)
    with connection.cursor() as cursor:
        cursor.execute(insert, [engineer.pk, "human", "change.overridden"])


def test_an_operation_that_an_agent_reached_is_refused_with_a_sentence(engineer: User) -> None:
    call = call_by(agent_of(engineer))
    with pytest.raises(NotPermitted, match=r"incident\.resolved.*a person does"):
        record_event("incident.resolved", call.agent, actor=call.actor)
    with pytest.raises(NotPermitted):  # nor does anything with the eyes of its owner
        record_event("agent.called", call.agent, actor=call.eyes)


def guarded() -> list[tuple[str, str]]:
    """(table, column) in which no agent's account may stand."""
    return sorted(
        (model._meta.db_table, column)
        for model in apps.get_models()
        for trigger in getattr(model._meta, "triggers", ())
        if isinstance(trigger, NotByAnAgent)
        for column in trigger.columns
    )


@each_of(("table", "column"), guarded(), ids=lambda one: one)
def test_no_agent_stands_where_somebody_decided(table: str, column: str, engineer: User) -> None:
    """The trigger speaks before what else a row lacks; of a person that speaks."""
    agent = agent_of(engineer)
    for who, is_agent in ((agent.account_id, True), (engineer.pk, False)):
        with pytest.raises(Error) as refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({column}) VALUES (%s)", [who])
        assert ("a software agent decides nothing" in str(refused.value)) is is_agent


def test_the_tables_of_decisions_are_guarded_or_guard_themselves() -> None:
    assert {table for table, _column in guarded()} == {
        "accounts_grant", "approvals_delegation", "changes_allowance", "changes_changemodel", "changes_gateshadow",
        "changes_override", "changes_refund",
    }  # fmt: skip
    assert {model._meta.db_table for model in apps.get_models()} >= DECISIONS
