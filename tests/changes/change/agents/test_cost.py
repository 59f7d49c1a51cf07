"""What an answer costs: a fixed number of statements above the probe itself, and a few hundred tokens."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from changes.change.agent_tools import may_i_deploy
from changes.change.queries.probing import probed
from itsm.agents.acting import call_of
from tests.changes.change.agents.conftest import ALL
from tests.factories.changes import a_measured_service
from tests.factories.slo import T0
from tests.itsm.agents.door import Door, token_of

pytestmark = pytest.mark.django_db
# Where something burns, who is on call is looked up too.
MOST_STATEMENTS = {"healthy": 7, "exhausted": 7, "no_data": 7, "burning_fast": 10}
AT_THE_DOOR = 11
MOST_SIGNS = 3_200  # four a token


@pytest.mark.parametrize("state", MOST_STATEMENTS)
def test_who_could_help_is_read_in_a_handful_of_statements(copilot, engineer, approver, payments, person, state):
    person("owner", payments, username="olga")
    service = a_measured_service(state, team=payments)
    call = call_of(copilot, engineer, ALL, at=T0)
    asked = may_i_deploy.Probe(service=service.slug)
    may_i_deploy.run(call, asked)  # what a connection prepares once
    with CaptureQueriesContext(connection) as whole:
        said = may_i_deploy.run(call, asked)
    with CaptureQueriesContext(connection) as alone:
        probed(service, actor=call.eyes, at=T0, asker=call.actor.id)
    more = len(whole) - len(alone)
    assert more <= MOST_STATEMENTS[state], [one["sql"][:120] for one in whole.captured_queries]
    assert len(said.model_dump_json(exclude_defaults=True)) <= MOST_SIGNS


def test_a_question_at_the_door_is_eleven_statements(copilot, payments, django_assert_num_queries):
    """Over REST it is six. Token, agent and owner; count and switches; service; policy; graph; budgets; what else the
    gate looks at; who could help; the model of standard changes; whether it may take the step it is told; the entry of the history."""
    service = a_measured_service("healthy", team=payments, at=timezone.now())
    door, asked = Door(token_of(copilot)), {"name": "may_i_deploy", "arguments": {"service": service.slug}}
    door.modern("tools/call", asked)  # what a connection prepares once
    with django_assert_num_queries(AT_THE_DOOR):
        said = door.modern("tools/call", asked)
    assert said.json()["result"]["structuredContent"]["ways"]
