"""What the page of one incident reads: the same as the lists that it is made of, each by an index."""

from typing import Any

import pytest
from django.db import connection

from catalog.services.queries import names_seen, visible_services
from incidents.incident import operations, queries
from incidents.models import Incident
from itsm.accounts import audiences
from itsm.accounts.models import Team, User
from itsm.accounts.queries.assignable import assignable, assignable_names
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
_MANY_NOTES = """
INSERT INTO work_note (record_kind, record_id, text, private, by_id, at)
SELECT 'incident', 1000 + n, 'Of another', true, %s, now() FROM generate_series(1, 3000) n
"""


@pytest.fixture
def incident(agent: User, as_actor: Any) -> Incident:
    return operations.open_incident(actor=as_actor(agent), title="Checkout is slow")


def test_who_may_be_given_it(agent: User, engineer: User, requester: User, auditor: User) -> None:
    User.objects.filter(pk=engineer.pk).update(name="Ada <L>")
    User.objects.filter(pk=auditor.pk).update(is_active=False)
    assert assignable_names() == [(one.pk, str(one)) for one in assignable()]
    assert {name for _pk, name in assignable_names()} == {"agent", "Ada <L>"}


def test_where_it_may_be_moved(incident: Incident, agent: User, requester: User, as_actor: Any) -> None:
    here = incident.team
    Team.objects.create(slug="network", name="Network", takes_work=True)
    Team.objects.create(slug="hr", name="Payroll", takes_work=True, confidential=True)
    Team.objects.create(slug="shop", name="Shop")
    for reader in (agent, requester):
        actor = as_actor(reader)
        others = [(one.pk, one.name) for one in queries.queues_for(actor).exclude(pk=here.pk)]
        assert queries.names_of_queues_for(actor, here) == [*others, (here.pk, here.name)]
    assert [name for _pk, name in queries.names_of_queues_for(as_actor(agent), here)] == ["Network", here.name]


def test_the_services_that_it_may_be_about(agent: User, requester: User, as_actor: Any) -> None:
    a_service(slug="shop", name="Shop")
    hidden = a_service(slug="ledger", name="Ledger")
    type(hidden).objects.filter(pk=hidden.pk).update(audience=[audiences.STAFF])
    for reader in (agent, requester):
        actor = as_actor(reader)
        assert names_seen(actor) == [(one.pk, one.name) for one in visible_services(actor)]
    assert [name for _pk, name in names_seen(as_actor(requester))] == ["Shop"]


def test_its_words_are_found_by_their_index(incident: Incident, agent: User, as_actor: Any) -> None:
    operations.reply(incident, actor=as_actor(agent), text="Is it still?")
    operations.note(incident, actor=as_actor(agent), text="Looked at it")
    for with_private, said in ((True, ["Is it still?", "Looked at it"]), (False, ["Is it still?"])):
        seen = queries.notes_seen(incident, with_private=with_private)
        assert [one.text for one in queries.notes_on(incident, with_private=with_private)] == said
        assert list(seen) == queries.notes_on(incident, with_private=with_private)
    with connection.cursor() as cursor:
        cursor.execute(_MANY_NOTES, [agent.pk])
        cursor.execute("ANALYZE work_note")
    assert "AND (record_id = " in seen.explain()
