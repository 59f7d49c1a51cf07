"""The past of deployments from a file, and what a pipeline reports afterwards."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from changes.delivery.operations.importing import import_history
from changes.models import Change, DeliveredCommit, DeploymentEvent
from itsm.kernel.errors import NotPermitted
from tests.factories.changes import a_measured_service, ask
from tests.factories.slo import T0, a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db

LINE = {
    "service": "till", "environment": "prod", "id": "r-1", "version": "4.1", "commit": "a" * 40, "result": "succeeded",
    "started_at": "2026-01-02T10:00:00+02:00", "finished_at": "2026-01-02T10:04:00+02:00", "who": "octocat",
    "commits": [{"sha": "a" * 40, "at": "2026-01-01T08:00:00Z"}],
}  # fmt: skip


def lines(*rows):
    return [json.dumps(row).encode() + b"\n" if isinstance(row, dict) else row for row in rows]


def test_good_lines_are_taken_once_and_bad_ones_are_named(tmp_path: Path, capsys) -> None:
    a_service(slug="till")
    file = tmp_path / "past.jsonl"
    file.write_bytes(b"".join(lines(LINE, b"\n", LINE | {"id": "r-2", "service": "nobody"}, b"{nonsense\n", {"a": 1})))
    for _ in range(2):
        with pytest.raises(CommandError):
            call_command("import_deployments", str(file))
    out, err = capsys.readouterr()
    assert out.splitlines() == ["1 new, 0 known before, 3 refused", "0 new, 1 known before, 3 refused"]
    assert [line.partition(":")[0] for line in err.splitlines()[:3]] == ["line 3", "line 4", "line 5"]
    event = DeploymentEvent.objects.get()
    assert (event.environment, event.standing, event.told_by) == ("production", "exempt", "import")
    assert event.started_at.isoformat() == "2026-01-02T08:00:00+00:00"
    assert DeliveredCommit.objects.get().event == event


def test_a_dry_run_keeps_nothing(system) -> None:
    a_service(slug="till")
    wrong = (
        {"result": "exploded"},
        {"id": "2", "environment": "moon"},
        {"id": "3", "finished_at": "2999-01-01T00:00:00Z"},
    )
    told = lines(LINE, *(LINE | one for one in wrong))
    done = import_history(told, actor=system, at=timezone.now(), dry_run=True)
    assert (done.new, done.wrong, DeploymentEvent.objects.count()) == (1, 3, 0)
    kept = import_history(told, actor=system, at=timezone.now())
    assert (kept.new, kept.wrong) == (done.new, done.wrong)


@each_of(
    "words",
    [
        {"started_at": "yesterday"}, {"started_at": None, "finished_at": None}, {"finished_at": "2026-01-01T00:00:00Z"},
        {"environment": "moon"}, {"environment": ""}, {"rework": "x"}, {"commits": "x"}, {"commits": [{"sha": "a"}]},
        {"started_at": "2999-01-01T00:00:00Z", "finished_at": "2999-01-01T00:00:00Z"}, {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_refused_line_by_line(words, system) -> None:
    a_service(slug="till")
    done = import_history(lines(LINE | words, LINE), actor=system, at=timezone.now())
    assert (done.new, done.wrong, [number for number, _why in done.said]) == (1, 1, [1])


def test_a_word_that_is_not_known_is_named_with_those_that_are(system) -> None:
    a_service(slug="till")
    done = import_history(
        lines(LINE | {"rework": "hotfix"}, LINE | {"result": "fine"}), actor=system, at=timezone.now()
    )
    (_one, rework), (_two, result) = done.said
    assert rework == "“rework” is one of fix, rollback."
    assert result.startswith("“result” is one of started, succeeded")


def test_the_operator_alone_imports(managing) -> None:
    with pytest.raises(NotPermitted):
        import_history([], actor=managing, at=T0)


def report(client, **words):
    said = {"service": "till", "environment": "production", "repository": "acme/till", "run_id": "7", "blind": True}
    return client.post("/api/v1/deployments/", said | words, format="json")


def test_a_blind_deployment_is_reported_once_and_listed_apart(api, pipeline, auditor) -> None:
    a_service(slug="till")
    client = api(pipeline, "gate:ask")
    made = report(client, result="started")
    assert (made.status_code, made.json()["standing"], made.json()["told_by"]) == (201, "blind", "report")
    assert report(client, result="succeeded").json()["id"] == made.json()["id"]
    shown = api(auditor).get("/api/v1/reports/completeness/").json()
    assert (shown["judged"], shown["share"], len(shown["blind"]), shown["unauthorised"]) == (1, 0.0, 1, [])
    listed = api(auditor).get("/api/v1/deployments/?service=till&standing=blind").json()["results"]
    assert [(one["run_id"], one["result"]) for one in listed] == [("7", "succeeded")]


def test_a_run_that_the_gate_answered_was_not_blind(api, pipeline, asker) -> None:
    service = a_measured_service(slug="till")
    pipeline_of = {"repository": "acme/till", "run_id": "7"}
    ask(service, asker, at=timezone.now() - timedelta(minutes=1), pipeline=pipeline_of)
    assert report(api(pipeline, "gate:ask")).json()["standing"] == "waiting"
    assert not Change.objects.filter(change_class="unauthorised").exists()


def test_people_and_tokens_without_the_scope_report_nothing(api, engineer, pipeline) -> None:
    a_service(slug="till")
    assert report(api(engineer, "gate:ask")).status_code == 403
    assert report(api(pipeline, "read")).status_code == 403


def test_a_filter_that_is_none_is_refused(api, auditor) -> None:
    assert api(auditor).get("/api/v1/deployments/?sevice=till").status_code == 400
    assert api(auditor).get("/api/v1/reports/completeness/?from=tomorrow").status_code == 400
    assert api(auditor).get("/api/v1/reports/completeness/?from=2020-01-01&to=2026-01-01").status_code == 400
