"""Lines of the list: drawn once for what a row says, and never out of date."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from catalog.models import Service
from incidents.incident import queries
from incidents.incident.filters import SORTS
from incidents.incident.views import columns, lines
from incidents.incident.views.tabs import MOST_COUNTED, TABS, counted, first_page
from incidents.models import Category, Incident
from itsm.accounts.models import Grant, Membership, Team, User
from itsm.ui.paging import counts_at_most

pytestmark = pytest.mark.django_db
BY_KEY = {tab.key: tab for tab in TABS}
NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    lines._kept.clear()
    yield
    lines._kept.clear()


@pytest.fixture
def incident(agent: User, engineer: User) -> Incident:
    team = Team.objects.create(slug="network", name="Net & work", takes_work=True)
    Membership.objects.create(user=agent, team=team)
    service = Service.objects.create(slug="shop", name="<Shop>", tier=1)
    category = Category.objects.create(name="Wifi", path="Wifi")
    return Incident.objects.create(
        title="Orders <are> 50% & slow", team=team, service=service, category=category, caller=engineer, priority=1,
        opened_at=timezone.now() - timedelta(hours=3), next_due=timezone.now() + timedelta(minutes=30),
        assigned_to=agent, labels=["eu", "web"], impact=1,
    )  # fmt: skip


def both(actor: Any, keys: tuple[str, ...] = columns.USUAL) -> tuple[list[str], list[str]]:
    """The lines of the first page by the kept way, and as a record of each is drawn now."""
    shown = columns.shown(actor, keys)
    asked = first_page(BY_KEY["all"], "newest", shown.reads, actor)
    kept = [str(line) for line in shown.lines(asked.rows(), asked.read, actor)]
    anew = list(queries.for_list(actor, shown.reads).order_by(*SORTS["newest"]))
    shown.dress(anew, actor)
    return kept, [str(row.line) for row in anew]  # type: ignore[attr-defined]


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands, so that two drawings say the same."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)


@pytest.mark.usefixtures("still")
def test_a_kept_line_is_the_line_in_every_column_language_and_zone(
    incident: Incident, agent: User, auditor: User, as_actor: Any
) -> None:
    everything = tuple(columns.COLUMNS)
    said = set()
    for _ in range(2):
        for reader in (as_actor(agent), as_actor(auditor)):
            for language, zone in (("en", "UTC"), ("de", "UTC"), ("en", "Asia/Tokyo")):
                with translation.override(language), timezone.override(ZoneInfo(zone)):
                    for keys in (everything, everything[::-1], columns.USUAL):
                        kept, anew = both(reader, keys)
                        assert kept == anew
                        said.add(kept[0])
    assert len(said) == 12, "by columns, zone and whether there is a box"


@pytest.mark.usefixtures("still")
def test_what_was_drawn_before_is_not_drawn_again(
    incident: Incident, agent: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, anew = both(as_actor(agent))
    assert kept == anew
    drawn: list[int] = []
    draw = lines.drawn

    def counting(row: Incident, *how: Any) -> Any:
        drawn.append(row.pk)
        return draw(row, *how)

    shown = columns.shown(as_actor(agent), ())
    asked = first_page(BY_KEY["all"], "newest", shown.reads, as_actor(agent))
    monkeypatch.setattr(lines, "drawn", counting)
    for _ in range(2):
        assert [str(line) for line in shown.lines(asked.rows(), asked.read, as_actor(agent))] == kept
    assert drawn == []
    other = Incident.objects.create(title="Another", team=incident.team, opened_at=timezone.now())
    Incident.objects.filter(pk=incident.pk).update(title="Said otherwise")
    for _ in range(2):
        shown.lines(asked.rows(), asked.read, as_actor(agent))
    assert sorted(drawn) == [incident.pk, other.pk]


EDITS = {
    "title": "Otherwise", "priority": 4, "major": True, "version": 7, "service": None, "assigned_to": None,
    "next_due": NOW, "opened_at": NOW, "caller_spoke_at": datetime(2099, 1, 1, tzinfo=UTC), "impact": 3,
    "labels": ["us"], "category": None, "caller": None, "channel": "email", "reopened": 3, "updated_at": NOW,
}  # fmt: skip


@pytest.mark.usefixtures("still")
def test_an_edit_of_whatever_it_says_is_said_at_once(incident: Incident, agent: User, as_actor: Any) -> None:
    reader, everything = as_actor(agent), tuple(columns.COLUMNS)
    before, _ = both(reader, everything)
    for name, value in EDITS.items():
        Incident.objects.filter(pk=incident.pk).update(**{name: value})
        now, anew = both(reader, everything)
        assert now == anew, name
        assert now != before, name
        before = now
    Incident.objects.filter(pk=incident.pk).update(service=Service.objects.get(), assigned_to=agent, major=False)
    both(reader)
    for record in (Service.objects.get(slug="shop"), Team.objects.get(slug="network"), agent):
        type(record).objects.filter(pk=record.pk).update(name=f"Called {record.pk} & otherwise")
        now, anew = both(reader)
        assert now == anew
        assert f"Called {record.pk} &amp; otherwise" in now[0]


def test_its_words_follow_the_clock(
    incident: Incident, agent: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Incident.objects.filter(pk=incident.pk).update(next_due=NOW + timedelta(hours=2), opened_at=NOW)
    reader = as_actor(agent)
    for minutes, said in (
        (0, ('class="left"', ">2:00<", ">0\N{NARROW NO-BREAK SPACE}min<")),
        (90, ('class="left is-soon"', ">0:30<", ">1\N{NARROW NO-BREAK SPACE}h<")),
        (121, ('class="left is-over"', ">!\N{MINUS SIGN}0:01<", ">2\N{NARROW NO-BREAK SPACE}h<")),
    ):
        monkeypatch.setattr(timezone, "now", lambda minutes=minutes: NOW + timedelta(minutes=minutes))
        (line,), (anew,) = both(reader, ("due", "title", "age", "opened"))
        assert line == anew
        assert all(words in line for words in said), line


def test_no_more_than_so_many_are_kept(
    incident: Incident, agent: User, as_actor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST", 2)
    for n in range(5):
        Incident.objects.create(title=f"No. {n}", team=incident.team, opened_at=NOW)
        kept, anew = both(as_actor(agent), ("title",))
        assert kept == anew
        assert len(lines._kept) <= 2


def test_a_tab_counts_what_its_list_shows(incident: Incident, agent: User, as_actor: Any) -> None:
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    granted = Team.objects.create(slug="legal", name="Legal", takes_work=True, confidential=True)
    for n, team in enumerate((hidden, granted, incident.team, incident.team)):
        Incident.objects.create(
            title="Waits", team=team, opened_at=NOW, assigned_to=agent if n == 1 else None,
            next_due=timezone.now() + timedelta(minutes=59 if n % 2 else 61),
        )  # fmt: skip
    for right in ("", "view", "change"):
        if right:
            Grant.objects.update_or_create(team=granted, user=agent, defaults={"right": right, "granted_at": NOW})
        actor = as_actor(agent)
        tabs = [tab for tab in TABS if tab.counted]
        found = counts_at_most({tab.key: counted(tab, actor) for tab in tabs}, MOST_COUNTED)
        seen = Incident.objects.visible_to(actor)
        assert {key: one.number for key, one in found.items()} == {
            tab.key: tab.choose(seen, actor, timezone.now()).count() for tab in tabs
        }
