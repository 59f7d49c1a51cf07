"""The page of reports: whatever number somebody follows, the list behind it has as many rows."""

import re
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident.models import Incident
from itsm.accounts.models import Membership, Team, User
from tests.incidents.reports.desks import a_desk
from tests.together import each_of

pytestmark = pytest.mark.django_db
_LINK = re.compile(r'href="(/incidents/\?tab=all&amp;measure=[^"]+)"[^>]*>(?:<b>)?(\d+)<')
_COLUMN = re.compile(r'<a href="([^"]+)"><rect.*?: (\d+) [^<]+</title>')


@pytest.fixture
def desk(agent: User, engineer: User) -> list[Incident]:
    return a_desk(timezone.now(), [agent, engineer])


def rows_of(browser: Any, address: str) -> int:
    page = browser.get(unescape(address))
    assert page.status_code == 200, address
    return page.content.decode().count("<tr data-row")


def test_numbers_and_columns_open_exactly_their_rows(desk: list[Incident], agent: User, web: Any) -> None:
    browser = web(agent)
    page = browser.get("/reports/?span=90_days&group_by=priority").content.decode()
    found = [*_LINK.findall(page)[::6], *_COLUMN.findall(page)[::8]]
    assert len(found) > 10
    for address, number in found:
        assert rows_of(browser, address) == int(number), address


def test_each_number_over_rest_opens_a_list_of_as_many(desk: list[Incident], agent: User, api: Any) -> None:
    client = api(agent)
    answer = client.get(
        "/api/v1/reports/desk/?measure=sla_met&group_by=team&bucket=month&tz=Europe/Berlin&from=2020-01-01"
    )
    said = answer.json()
    assert said["total"]["number"] > 0
    assert {one["value"] for one in said["groups"]} <= {"vpn", "mail"}
    for one in (said["total"], *said["groups"], said["buckets"][-1]):
        listed = client.get(one["rows"].partition("//")[2].partition("/")[2].join(["/", ""])).json()
        assert len(listed["results"]) == one["number"]
    assert 0 < said["total"]["share"] < 1


@each_of(
    ("asked", "name"),
    [
        ("measure=luck", "measure"), ("group_by=moon", "group_by"), ("bucket=hour", "bucket"), ("tz=Mars/X", "tz"),
        ("from=2027-02-29", "from"), ("from=2026-03-02&to=2026-03-01", "to"), ("messure=opened", "messure"),
        ("tz=../../etc/passwd", "tz"), ("group_by=", "group_by"), ("bucket=", "bucket"), ("measure=", "measure"),
    ],
)  # fmt: skip
def test_rest_names_what_it_cannot_read(agent: User, api: Any, asked: str, name: str) -> None:
    answer = api(agent).get(f"/api/v1/reports/desk/?{asked}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"/{name}")


@each_of(
    "said",
    [
        "luck", "backlog@soon", "mttr@2026-03-02/2026-03-01", "opened@2027-02-29", "opened@/x", "a..b",
        "sla_met@2026-01-01/9999-12-31T23:59:59-12:00",
    ],
)  # fmt: skip
def test_the_list_names_a_measure_that_it_cannot_read(agent: User, api: Any, said: str) -> None:
    answer = api(agent).get(f"/api/v1/incidents/?measure={said}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/measure")


def test_who_only_requests_has_no_measures(desk: list[Incident], requester: User, api: Any, web: Any) -> None:
    assert api(requester).get("/api/v1/incidents/?measure=sla_breached").status_code == 400
    assert api(requester).get("/api/v1/reports/desk/").status_code == 403
    assert web(requester).get("/reports/").status_code == 403


def test_nothing_of_a_hidden_queue_is_named_or_counted(
    desk: list[Incident], agent: User, engineer: User, web: Any
) -> None:
    Membership.objects.create(team=Team.objects.get(slug="payroll"), user=engineer)
    assert "Payroll" in web(engineer).get("/reports/?span=90_days").content.decode()
    assert "ayroll" not in web(agent).get("/reports/?span=90_days").content.decode()
    assert web(agent).get("/reports/?only=team%3Dpayroll").status_code == 400


def test_a_report_of_a_part_links_to_that_part(desk: list[Incident], agent: User, web: Any) -> None:
    browser = web(agent)
    page = browser.get("/reports/?span=90_days&only=priority%3D1%2C2").content.decode()
    for address, number in _LINK.findall(page)[:20:5]:
        assert "priority=1,2" in address
        assert rows_of(browser, address) == int(number)


def test_says_what_it_cannot_read(agent: User, web: Any) -> None:
    for path in ("?from=soon", "?span=ever", "?group_by=moon", "?only=color%3Dred", "?from=2026-03-02&to=2026-03-01"):
        answer = web(agent).get(f"/reports/{path}")
        assert answer.status_code == 400, path
        assert "note-red" in answer.content.decode()


def test_what_stands_on_either_side_of_a_slash_is_said_above_it(desk: list[Incident], agent: User, web: Any) -> None:
    page = web(agent).get("/reports/?span=90_days").content.decode()
    assert re.search(r">MTTA<span[^>]*>business / elapsed</span>", page)
    assert re.search(r">Resolved in time<span[^>]*>met / late</span>", page)
    assert 'data-label="MTTR"' in page, "on a phone each number has its word"


def test_with_nothing_to_count_it_teaches(agent: User, web: Any) -> None:
    page = web(agent).get("/reports/").content.decode()
    assert "Nothing was opened or resolved in this period" in page
    assert "Open an incident" in page


def test_the_period_before_stands_beside_it(desk: list[Incident], agent: User, web: Any) -> None:
    assert "The period before" in web(agent).get("/reports/?span=30_days").content.decode()
    assert "The period before" not in web(agent).get("/reports/?span=all_time").content.decode()
