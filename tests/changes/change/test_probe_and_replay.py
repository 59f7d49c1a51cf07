"""The probe reads only; and whatever was decided, decides the same again."""

import json
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from changes.calendar.operations import windows
from changes.models import Decision
from incidents.incident import operations as incidents
from tests.factories.changes import STANDINGS, a_measured_service, a_model, an_artifact, ask, attested
from tests.factories.slo import T0, a_service

pytestmark = pytest.mark.django_db


def rows_of_every_table():
    with connection.cursor() as cursor:
        counts = {}
        for model in apps.get_models():
            cursor.execute(f'SELECT count(*), sum(hashtext(t::text)) FROM "{model._meta.db_table}" t')
            counts[model._meta.db_table] = cursor.fetchone()
    return counts


@pytest.mark.parametrize("state", ["healthy", "exhausted", "no_data"])
def test_probing_changes_no_row_of_any_table(api, pipeline, owning, state):
    now = timezone.now()
    service = a_measured_service(state, at=now)
    a_model(service, owning, at=now)
    client = api(pipeline)
    path = f"/api/v1/services/{service.slug}/gate/"
    assert client.get(path).status_code == 200  # the token's first use is noted
    before = rows_of_every_table()
    for change_class in ("standard", "normal", "emergency"):
        said = client.get(path, {"change_class": change_class})
        assert said.status_code == 200, said.json()
    assert rows_of_every_table() == before


def test_the_probe_says_what_asking_would_say(api, pipeline, owning, asker):
    now = timezone.now()
    for state in STANDINGS:
        service = a_measured_service(state, at=now)
        a_model(service, owning, at=now)
        said = api(pipeline).get(f"/api/v1/services/{service.slug}/gate/", {"change_class": "standard"}).json()
        assert said["outcome"] == ask(service, asker, at=now, change_class="standard").outcome, state


def decide_about_everything(asker, owning, managing, approver):
    """Decisions from every column that a budget, a tier, an environment or the calendar can lead to."""
    services = [*(a_measured_service(state) for state in STANDINGS), a_service(tier=1), a_service(tier=4)]
    for service in services:
        a_model(service, owning)
        for words in ({}, {"change_class": "standard"}, {"change_class": "emergency"}, {"environment": "staging"},
                      {"purpose": "security_fix"}, {"migration": True}, {"proof": {"tests_failed": 2}}):  # fmt: skip
            ask(service, asker, **words)
    attested(services[0], an_artifact("a"), approver, about=["peer_review", "tests", "scans"])
    ask(services[0], asker, artifact_digest=an_artifact("a"))
    incidents.open_incident(actor=managing, title="Down", service=services[0], priority=1)
    windows.add_window(
        actor=managing,
        window_type="blackout",
        name="Stop",
        starts_at=T0,
        ends_at=T0.replace(hour=20),
        reason="Now.",
        at=T0,
    )
    ask(services[0], asker)
    ask(services[1], asker)


def replay():
    said = StringIO()
    call_command("replay_decisions", stdout=said, stderr=StringIO())
    return json.loads(said.getvalue())


def test_every_kind_of_decision_replays_to_the_same_verdict_and_hash(asker, owning, managing, approver):
    decide_about_everything(asker, owning, managing, approver)
    count = Decision.objects.count()
    assert count >= 73
    assert replay() == {"replayed": count, "same": count, "different": []}
    assert set(Decision.objects.values_list("outcome", flat=True)) >= {"approved", "peer", "cab", "postponed"}


def test_a_decision_that_was_tampered_with_does_not_replay(asker):
    evaluation = ask(a_measured_service("exhausted"), asker)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE changes_decision DISABLE TRIGGER changes_decision_rows_are_kept")
        cursor.execute("UPDATE changes_decision SET verdict = jsonb_set(verdict, '{outcome}', '\"approved\"')")
    with pytest.raises(CommandError):
        replay()
    assert evaluation.outcome == "postponed"
