"""CSV out and in: what a window holds, what an indicator holds, and nothing that a spreadsheet would run."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.ui.csv_answers import cell_of
from slo.measuring.operations.files import record_file
from slo.models import Objective
from slo.objectives import operations
from tests.factories.slo import MEASURER, an_indicator, an_objective, measured, measured_by, steady
from tests.slo.stored import stored

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]


def _rows(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


@pytest.fixture
def objective(db: None) -> Objective:
    now = timezone.now().replace(second=0, microsecond=0)
    made = an_objective(slug="search", at=now, window_days=7, target=Decimal("0.99"))
    assert made.indicator
    measured(made.indicator, [*steady(now - timedelta(minutes=200), 400, bad=3), *steady(now, 200, bad=7)], now)
    operations.evaluate(at=now, objectives=[made.pk])
    return Objective.objects.select_related("budget").get(pk=made.pk)


@pytest.mark.parametrize("per", ["hour", "day"])
def test_the_window_by_hour_and_by_day(per: str, objective: Objective, auditor: User, web: Web) -> None:
    answer = web(auditor).get(f"/slos/search/download.csv?per={per}")
    assert f"search-per-{per}-" in answer["Content-Disposition"]
    rows = _rows(answer)
    assert sum(Decimal(row["bad"]) for row in rows) == 400 * 3 + 200 * 7
    assert sum(Decimal(row["total"]) for row in rows) == 600_000
    assert Decimal(rows[-1]["remaining"]) == objective.budget.remaining
    begun = Decimal(rows[0]["bad"]) / 6000  # of the 600,000 events 6,000 may fail; before the first nothing was there
    assert abs(Decimal(rows[0]["remaining"]) - (1 - begun)) <= Decimal("1e-8")
    assert Decimal(rows[0]["total"]) > 0
    assert [row["to"] for row in rows[:-1]] == [row["from"] for row in rows[1:]]
    assert all(row["from"].endswith("00:00Z") for row in rows[1:])
    assert web(auditor).get("/slos/search/download.csv?per=year").status_code == 400


def test_the_minutes_of_an_indicator_can_be_sent_again(
    objective: Objective, auditor: User, engineer: User, web: Web
) -> None:
    assert objective.indicator
    answer = web(auditor).get(f"/slos/indicators/{objective.indicator.slug}/minutes.csv")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert len(text.splitlines()) == 601
    again = an_indicator(slug="again")
    record_file(again, text.encode(), actor=MEASURER, at=timezone.now())
    assert stored(again) == stored(objective.indicator)
    for query in ("from=x", "from=2026-02-02&to=2026-02-01", "from=0001-01-01&to=9999-12-31", "to=2026-02-31"):
        assert web(auditor).get(f"/slos/indicators/again/minutes.csv?{query}").status_code == 400, query


def test_the_template_is_taken_as_it_is(engineer: User, web: Web) -> None:
    for fields in ({}, {"measure": "raw"}):
        made = an_indicator(**fields)
        text = b"".join(web(engineer).get(f"/slos/indicators/{made.slug}/template.csv").streaming_content)  # type: ignore[attr-defined]
        outcome = record_file(made, text, actor=MEASURER, at=timezone.now())
        assert (outcome.accepted, outcome.problem_count, outcome.refused_count) == (2, 0, 0)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=cmd()", "'=cmd()"), ("+1", "'+1"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("plain", "plain"),
        (Decimal("-0.5"), "-0.5"), (Decimal("1E+3"), "1000"), (None, ""), (True, "yes"), (7, "7"), ("a\x00b", "ab"),
    ],
)  # fmt: skip
def test_cells(value: Any, cell: str) -> None:
    assert cell_of(value) == cell


def test_rest_takes_a_csv_file(engineer: User, api: Any) -> None:
    made = measured_by(an_indicator(slug="sent"), engineer)
    minute = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=5)
    text = f"minute,good,total\n{minute:%Y-%m-%dT%H:%M:%SZ},9,10\nnever,1,2\n"
    answer = api(engineer).post("/api/v1/slis/sent/samples/", text.encode(), content_type="text/csv")
    assert answer.status_code == 202
    body = answer.json()
    assert (body["accepted"], body["refused"], body["rows"], body["problem_count"]) == (1, [], 2, 1)
    assert body["problems"][0]["line"] == 3
    assert body["problems"][0]["code"] == "not_a_time"
    assert len(stored(made)) == 1
    wrong = api(engineer).post("/api/v1/slis/sent/samples/", b"what,ever\n1,2\n", content_type="text/csv")
    assert wrong.status_code == 400
    assert "first line names the columns" in wrong.json()["detail"]
    as_before = {"samples": [{"minute": f"{minute:%Y-%m-%dT%H:%M:%SZ}", "good": 9, "total": 10}]}
    assert api(engineer).post("/api/v1/slis/sent/samples/", as_before, format="json").json() == {
        "accepted": 1, "refused": [], "waiting": 0, "quarantined": 0, "confirmation": "", "detail": "",
    }  # fmt: skip
