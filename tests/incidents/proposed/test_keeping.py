"""How long proposals are kept, and what a person is given of them."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from incidents.models import Incident
from itsm.accounts.models import User
from itsm.agents.models import Agent
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.erasure import exporting, holding
from itsm.erasure import operations as erasure
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput
from itsm.proposals import operations
from itsm.proposals.models import Proposal, ProposalPart
from itsm.retention import operations as retention
from itsm.retention import purging, queries
from itsm.retention.models import RetentionRule
from tests.factories.allowances import given
from tests.factories.changes import a_measured_service

pytestmark = pytest.mark.django_db
AsActor = Callable[..., Actor]
Proposed = Callable[..., Proposal]
LATER = timedelta(days=366)


@pytest.fixture
def rule(admin: User, as_actor: AsActor) -> RetentionRule:
    boss = as_actor(admin)
    with pytest.raises(InvalidInput):
        retention.create_rule(actor=boss, record_kind="proposal", months=3)
    made = retention.create_rule(actor=boss, record_kind="proposal", months=6)
    return retention.edit_rule(made, actor=boss, version=1, confirmed=True, active=True)


def test_proposals_that_are_over_go_after_their_time_and_what_waits_stays(
    incident: Incident, agent: User, proposed: Proposed, as_actor: AsActor, rule: RetentionRule
) -> None:
    decided, waiting = proposed(title="Prints nothing"), proposed(priority=2)
    operations.accept(decided, actor=as_actor(agent), at=timezone.now())
    assert queries.preview(rule, timezone.now()).goes == 0
    assert purging.run(rule, timezone.now() + LATER) == 1
    assert list(Proposal.objects.all()) == [waiting]
    assert not ProposalPart.objects.filter(proposal=decided.pk).exists()
    incident.refresh_from_db()
    assert incident.title == "Prints nothing", "what it wrote stays"
    assert Entry.objects.filter(record_kind="proposal", record_id=decided.pk, event="proposal.accepted").exists()
    assert purging.run(rule, timezone.now() + LATER) == 0


@pytest.mark.parametrize("whose", ["engineer", "agent"])
def test_a_legal_hold_keeps_those_of_an_owner_and_of_who_decided(
    proposed: Proposed, agent: User, admin: User, as_actor: AsActor, rule: RetentionRule, whose: str
) -> None:
    decided = proposed(title="Prints nothing", priority=2)
    operations.accept(decided, actor=as_actor(agent), at=timezone.now())
    erasure.hold(User.objects.get(username=whose), actor=as_actor(admin), reason="A court asked")
    seen = queries.preview(rule, timezone.now() + LATER)
    assert (seen.goes, seen.held) == (0, 1)
    assert purging.run(rule, timezone.now() + LATER) == 0


def test_a_legal_hold_on_an_incident_keeps_what_was_proposed_for_it(
    incident: Incident, proposed: Proposed, agent: User, admin: User, as_actor: AsActor, rule: RetentionRule
) -> None:
    operations.dismiss(proposed(title="Prints nothing"), actor=as_actor(agent), at=timezone.now(), why="No.")
    hold = holding.hold_records(
        actor=as_actor(admin), record_kind="incident", reference=incident.reference, reason="A court asked"
    )
    assert purging.run(rule, timezone.now() + LATER) == 0
    holding.lift_records(hold, actor=as_actor(admin))
    assert purging.run(rule, timezone.now() + LATER) == 1


def test_they_are_written_to_a_file_before(
    proposed: Proposed, agent: User, as_actor: AsActor, rule: RetentionRule
) -> None:
    operations.dismiss(proposed(title="Prints nothing"), actor=as_actor(agent), at=timezone.now(), why="No.")
    into = io.StringIO()
    assert purging.run(rule, timezone.now() + LATER, into=into) == 1
    line = json.loads(into.getvalue())
    assert (line["agent"], line["owner"], line["reason"]) == ("claude", "engineer", "Nobody prints on this floor.")
    assert [(one["state"], one["decided_by"], one["why"]) for one in line["parts"]] == [("dismissed", "agent", "No.")]


def test_texts_that_quote_a_purged_incident_go_with_it(
    incident: Incident, proposed: Proposed, admin: User, as_actor: AsActor
) -> None:
    proposed(title="Prints nothing")
    purging._empty_what_stands_on_it(Incident.kind, [incident.pk])
    assert not Proposal.objects.exists()


def test_a_person_is_given_their_agents_what_they_decided_and_which_shares_they_gave(
    claude: Agent, proposed: Proposed, agent: User, engineer: User, manager: User, admin: User, as_actor: AsActor,
    settings: Any, tmp_path: Path,
) -> None:  # fmt: skip
    settings.FILES_DIR = str(tmp_path)
    Agent.objects.filter(pk=claude.pk).update(purpose="Sorts the first line's mail")
    made = proposed(title="Prints nothing", priority=2)
    operations.accept(made, actor=as_actor(agent), at=timezone.now())
    given(a_measured_service(), claude.account, as_actor(manager))
    owned = _exported(engineer, as_actor(admin))
    assert [one["purpose"] for one in owned["agents.agent"]] == ["Sorts the first line's mail"]
    assert [one["reason"] for one in owned["proposals.proposal"]] == ["Nobody prints on this floor."]
    decided = _exported(agent, as_actor(admin))
    assert sorted(one["field"] for one in decided["proposals.proposalpart"]) == ["priority", "title"]
    assert [one["id"] for one in decided["proposals.proposal"]] == [made.pk], "once, whatever it has of parts"
    assert "agents.agent" not in decided
    gave = _exported(manager, as_actor(admin))
    assert [one["share"] for one in gave["changes.allowance"]] == ["0.500000"]
    assert [one["what"] for one in gave["changes.allowanceentry"]] == ["given"]


def _exported(person: User, actor: Actor) -> dict[str, Any]:
    made = exporting.begin(person, actor=actor)
    while made.ended_at is None:
        due.sweep(timezone.now() + timedelta(seconds=1))
        made.refresh_from_db()
    with zipfile.ZipFile(exporting.folder() / made.name) as archive:
        return {
            name.removesuffix(".json"): json.loads(archive.read(name))
            for name in archive.namelist()
            if name.endswith(".json") and "/" not in name
        }
