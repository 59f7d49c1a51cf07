"""The page of reports: whatever number somebody follows, the list behind it has as many rows."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from incidents.incident.models import Incident
from itsm.accounts.models import Team, User
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
_LINK = re.compile(r'href="(/reports/incidents/\?[^"]+)"[^>]*>(?:<b>)?(\d+)<')


@pytest.fixture
def desk(db: None) -> list[Incident]:
    """A few weeks of two teams: open, resolved, reopened, moved, escalated."""
    now, teams = (
        timezone.now(),
        [Team.objects.create(slug=name, name=name, takes_work=True) for name in ("vpn", "mail")],
    )
    service = a_service(slug="checkout", name="Checkout", team=teams[0])
    over = {"status": "resolved", "resolution": "Done.", "resolution_code": "solved"}
    return [
        Incident.objects.create(
            title=f"Cannot print {n}",
            team=teams[n % 2],
            service=service if n % 3 else None,
            priority=1 + n % 5,
            opened_at=now - timedelta(days=n * 2, hours=1),
            reopened=n % 2,
            reassigned=n % 3,
            escalated_functionally=n % 4 == 0,
            **(over | {"resolved_at": now - timedelta(days=n)} if n % 2 else {}),
        )
        for n in range(20)
    ]


@pytest.mark.parametrize("by", ["team", "priority", "service"])
def test_each_number_opens_exactly_its_rows(desk: list[Incident], agent: User, web: Any, by: str) -> None:
    browser = web(agent)
    page = browser.get(f"/reports/?by={by}").content.decode()
    found = _LINK.findall(page)
    assert len(found) > 15
    for address, number in found:
        rows = browser.get(unescape(address)).content.decode()
        assert max(rows.count("<tr") - 1, 0) == int(number), address  # none: no table


def test_a_column_of_the_picture_opens_its_rows(desk: list[Incident], agent: User, web: Any) -> None:
    page = web(agent).get("/reports/").content.decode()
    found = re.findall(r'<a href="([^"]+)"><rect.*?: (\d+) \w+</title>', page)
    assert len(found) > 15
    for address, number in found:
        assert web(agent).get(unescape(address)).content.decode().count("<tr") - 1 == int(number)


def test_nothing_of_a_hidden_queue_is_named_or_counted(desk: list[Incident], agent: User, web: Any) -> None:
    def words() -> str:
        return re.sub(r'(X-CSRFToken|token)[^>]+|nonce="[^"]+"', "", web(agent).get("/reports/").content.decode())

    Incident.objects.filter(team__slug="vpn").delete()
    before = words()
    hidden = Team.objects.create(slug="staff", name="Staff matters", takes_work=True, confidential=True)
    Incident.objects.create(title="Warning letter", team=hidden, opened_at=timezone.now() - timedelta(days=1))
    assert "Staff matters" not in words()
    assert _LINK.findall(words()) == _LINK.findall(before)


def test_says_what_it_cannot_read(agent: User, web: Any) -> None:
    for path in ("/reports/?from=soon", "/reports/incidents/?measure=luck", "/reports/incidents/?from=2027-02-29"):
        answer = web(agent).get(path)
        assert answer.status_code == 400
        assert "note-red" in answer.content.decode()


def test_with_nothing_to_count_it_says_so(agent: User, web: Any) -> None:
    page = web(agent).get("/reports/").content.decode()
    assert "Nothing was opened or resolved in this period" in page


def test_all_time_has_no_picture_and_all_rows(desk: list[Incident], agent: User, web: Any) -> None:
    assert "20 opened" in web(agent).get("/reports/incidents/?measure=opened").content.decode()
