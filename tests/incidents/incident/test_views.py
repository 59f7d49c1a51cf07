"""Saved views: whose they are, who sees them, and that their rows are always the reader's."""

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents.incident.views import columns
from incidents.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.fields import operations as fields
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, StaleVersion
from itsm.work import saved_views
from itsm.work.models import Arrangement, View
from tests.conftest import SYSTEM

pytestmark = pytest.mark.django_db


def a_view(actor: Any, **said: Any) -> View:
    return saved_views.save_view(
        actor=actor, **{"record_kind": "incident", "name": "Night shift", "query": "state=open&priority=1,2", **said}
    )


@pytest.fixture
def network(db: None, agent: User) -> Team:
    team = Team.objects.create(slug="network", name="Network", takes_work=True)
    Membership.objects.create(user=agent, team=team)
    return team


@pytest.fixture
def rows(network: Team) -> None:
    hidden = Team.objects.create(slug="hr", name="HR", takes_work=True, confidential=True)
    for title, team, priority in (("Big", network, 1), ("Small", network, 4), ("Secret", hidden, 1)):
        Incident.objects.create(title=title, team=team, priority=priority, opened_at=timezone.now())


def test_a_view_is_seen_by_whom_it_is_shared_with(network: Team, agent: User, engineer: User, as_actor: Any) -> None:
    mine, colleague = as_actor(agent), as_actor(engineer)
    private = a_view(mine)
    of_team = a_view(mine, share="team", team=network)
    of_all = a_view(mine, share="everyone")
    assert [one.slug for one in (private, of_team, of_all)] == ["night-shift", "night-shift-2", "night-shift-3"]
    assert set(saved_views.visible_views(mine)) == {private, of_team, of_all}
    assert set(saved_views.visible_views(colleague)) == {of_all}
    with pytest.raises(NotFound):
        saved_views.view_named(colleague, "incident", private.slug)
    Membership.objects.create(user=engineer, team=network)
    assert set(saved_views.visible_views(as_actor(engineer))) == {of_team, of_all}


def test_another_reader_sees_the_rows_that_they_may_see(
    rows: None, agent: User, engineer: User, as_actor: Any, web: Any
) -> None:
    Membership.objects.create(user=engineer, team=Team.objects.get(slug="hr"))
    view = a_view(as_actor(agent), share="everyone")
    own = web(agent).get(f"/incidents/?view={view.slug}").content.decode()
    other = web(engineer).get(f"/incidents/?view={view.slug}").content.decode()
    assert ("Big" in own, "Small" in own, "Secret" in own) == (True, False, False)
    assert ("Big" in other, "Small" in other, "Secret" in other) == (True, False, True)


def test_the_address_refines_a_view_and_never_widens_it(rows: None, agent: User, as_actor: Any, web: Any) -> None:
    view = a_view(as_actor(agent))
    for more, found in (("&text=Big", True), ("&text=Small", False), ("&priority=4", False), ("&state=closed", False)):
        page = web(agent).get(f"/incidents/?view={view.slug}{more}").content.decode()
        assert ('href="/incidents/INC-' in page) is found, more


@pytest.mark.parametrize("slug", ["no-such-view", "x" * 300, "%25"])
def test_a_view_that_one_may_not_see_is_not_there(slug: str, agent: User, web: Any) -> None:
    assert web(agent).get(f"/incidents/?view={slug}").status_code == 404


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"name": " "}, "name"),
        ({"query": "stat=open"}, "query"),
        ({"query": "team=nowhere"}, "query"),
        ({"sort": "random"}, "sort"),
        ({"columns": ["due", "secret"]}, "columns"),
        ({"columns": ["due", "due"]}, "columns"),
        ({"share": "team"}, "team"),
        ({"record_kind": "teapot"}, "record_kind"),
    ],
)
def test_what_no_view_may_say_is_named(said: dict[str, Any], named: str, agent: User, as_actor: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        a_view(as_actor(agent), **said)
    assert list(refusal.value.errors) == [named]


def test_only_its_owner_changes_a_view(agent: User, engineer: User, auditor: User, as_actor: Any) -> None:
    view = a_view(as_actor(agent), share="everyone")
    for wrong in (engineer, auditor):
        with pytest.raises(NotPermitted):
            saved_views.edit_view(view, actor=as_actor(wrong), version=1, name="Mine now")
        with pytest.raises(NotPermitted):
            saved_views.delete_view(view, actor=as_actor(wrong))
    kept = saved_views.edit_view(view, actor=as_actor(agent), version=1, query="state=new")
    assert (kept.version, kept.query, kept.slug) == (2, "state=new", "night-shift")
    with pytest.raises(StaleVersion):
        saved_views.edit_view(view, actor=as_actor(agent), version=1, query="")
    with pytest.raises(NotPermitted):
        a_view(as_actor(auditor))


def test_a_tab_is_ones_own_and_there_are_nine(agent: User, engineer: User, as_actor: Any) -> None:
    mine = as_actor(agent)
    views = [a_view(mine, share="everyone") for _ in range(10)]
    for view in views[:9]:
        saved_views.pin(view, actor=mine)
    saved_views.pin(views[0], actor=mine)
    with pytest.raises(Conflict):
        saved_views.pin(views[9], actor=mine)
    assert saved_views.arranged_by(mine, "incident").tabs == views[:9]
    assert saved_views.arranged_by(as_actor(engineer), "incident").tabs == []
    saved_views.unpin(views[0], actor=mine)
    saved_views.delete_view(views[1], actor=mine)
    assert saved_views.arranged_by(mine, "incident").tabs == views[2:9]
    assert Arrangement.objects.count() == 7


def test_the_page_saves_what_it_shows_and_keeps_it_as_a_tab(rows: None, agent: User, web: Any) -> None:
    browser = web(agent)
    page = browser.get("/incidents/?tab=unassigned&priority=1").content.decode()
    assert "query=state%3Dopen%26team%3Dmy-teams%26assigned%3Dnone%26priority%3D1" in page
    sent = {"name": "Fresh <b>", "query": "state=open&assigned=none", "share": "none", "sort": "due", "layout": "list"}
    saved = browser.post("/incidents/views/new/", sent)
    assert (saved.status_code, saved["Location"]) == (302, "/incidents/?view=fresh-b")
    shown = browser.get(saved["Location"]).content.decode()
    assert "Fresh &lt;b&gt;" in shown
    assert "Fresh <b>" not in shown
    assert browser.post("/incidents/views/new/", {**sent, "query": "stat=x"}).status_code == 400
    assert browser.post("/incidents/views/fresh-b/", {"do": "unpin"}).status_code == 302
    assert browser.post("/incidents/views/fresh-b/", {"do": "delete"}).status_code == 302
    assert not View.objects.exists()


def test_a_program_keeps_views_over_rest(agent: User, api: Any) -> None:
    caller = api(agent)
    body = {"record_kind": "incident", "name": "Night", "query": "state=open", "columns": ["due", "ref"]}
    made = caller.post("/api/v1/views/", body, format="json")
    assert (made.status_code, made.json()["slug"], made.json()["owner"]) == (201, "night", "agent")
    assert caller.post("/api/v1/views/", {**body, "query": "x=1"}, format="json").status_code == 400
    edited = caller.patch("/api/v1/views/night/", {"share": "everyone"}, format="json", HTTP_IF_MATCH='"1"')
    assert (edited.status_code, edited.json()["share"]) == (200, "everyone")
    assert caller.post("/api/v1/views/night/pin/", {}, format="json").status_code == 200
    assert [one["slug"] for one in caller.get("/api/v1/views/?record_kind=incident").json()["results"]] == ["night"]
    assert caller.delete("/api/v1/views/night/", HTTP_IF_MATCH='"2"').status_code == 204


def a_field() -> Any:
    return fields.add_field(owner="incident", actor=SYSTEM, key="site", type="text", label="Site", filterable=True)


def cells(page: Any) -> list[str]:
    """The heads of the list, as they stand."""
    return re.findall(r'<th data-cell="([^"]+)"', page.content.decode())


def test_columns_of_ones_own_are_kept_for_each_view(
    rows: None, agent: User, engineer: User, as_actor: Any, web: Any
) -> None:
    browser, colleague = web(agent), web(engineer)
    view = a_view(as_actor(agent), share="everyone", columns=["title", "caller"])
    assert cells(browser.get(f"/incidents/?view={view.slug}")) == ["title", "caller"]
    sent = {"column.channel": "3", "column.title": "1", "column.ref": "2"}
    assert browser.post(f"/incidents/columns/?view={view.slug}", sent).status_code == 302
    assert cells(browser.get(f"/incidents/?view={view.slug}")) == ["title", "ref", "channel"]
    assert cells(colleague.get(f"/incidents/?view={view.slug}")) == ["title", "caller"]
    assert cells(browser.get("/incidents/"))[:2] == ["due", "ref"]
    assert browser.post("/incidents/columns/", {"column.title": "1", "column.due": "1"}).status_code == 302
    assert cells(browser.get("/incidents/")) == ["due", "title"]
    assert browser.post("/incidents/columns/", {"usual": "1"}).status_code == 302
    assert len(cells(browser.get("/incidents/"))) == 9
    assert Arrangement.objects.count() == 1


@pytest.mark.parametrize(
    "sent", [{f"column.{one}": "0" for one in ("due",)}, {"column.due": "x"}, {"column.due": "1e400"}]
)
def test_a_place_that_is_none_is_named(sent: dict[str, str], agent: User, web: Any) -> None:
    assert web(agent).post("/incidents/columns/", sent).status_code == 422
    assert not Arrangement.objects.exists()


def test_every_column_is_drawn_whatever_a_record_lacks(rows: None, agent: User, as_actor: Any, web: Any) -> None:
    a_field()
    Incident.objects.filter(title="Big").update(attributes={"site": "Berlin <b>"})
    known = list(columns.columns_for(as_actor(agent)))
    assert known[-1] == "cf.site"
    assert len(known) == 26
    for some in (known[:24], known[2:]):
        view = a_view(as_actor(agent), columns=some, query="")
        page = web(agent).get(f"/incidents/?view={view.slug}")
        assert cells(page) == [{"assigned": "assigned_to"}.get(one, one) for one in some]
    assert "Berlin &lt;b&gt;" in page.content.decode()


def test_more_columns_cost_no_query_for_each_row(
    rows: None, network: Team, agent: User, as_actor: Any, web: Any
) -> None:
    a_field()
    view = a_view(as_actor(agent), columns=[*columns.USUAL, "caller", "opened_by", "category", "cf.site"], query="")
    browser = web(agent)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(f"/incidents/?view={view.slug}").status_code == 200
        return len(seen)

    asked()
    before = asked()
    for n in range(20):
        Incident.objects.create(
            title=f"One more {n}", team=network, caller=agent, opened_by=agent, opened_at=timezone.now()
        )
    assert asked() == before


def test_a_row_that_was_changed_comes_back_with_the_columns_of_its_list(
    rows: None, agent: User, as_actor: Any, web: Any
) -> None:
    view = a_view(as_actor(agent), columns=["title", "channel"])
    one = Incident.objects.get(title="Big")
    sent = {"priority": "2", "version": str(one.version)}
    answer = web(agent).post(
        f"/incidents/{one.reference}/row/", sent, headers={"Referer": f"http://testserver/incidents/?view={view.slug}"}
    )
    assert answer.content.decode().count("<td") == 3


def test_a_row_whose_list_is_at_no_address_comes_back_as_everybodys(rows: None, agent: User, web: Any) -> None:
    one = Incident.objects.get(title="Big")
    sent = {"priority": "2", "version": str(one.version)}
    answer = web(agent).post(f"/incidents/{one.reference}/row/", sent, headers={"Referer": "http://[x/?view=mine"})
    assert (answer.status_code, Incident.objects.get(pk=one.pk).priority) == (200, 2)


def test_a_view_that_asks_for_a_retired_field_shows_nothing_and_says_why(
    rows: None, agent: User, as_actor: Any, web: Any
) -> None:
    site = a_field()
    Incident.objects.filter(title="Big").update(attributes={"site": "Berlin"})
    view = a_view(as_actor(agent), query="cf.site=Berlin")
    turned = a_view(as_actor(agent), query="not.cf.site=Berlin")
    assert "Big" in web(agent).get(f"/incidents/?view={view.slug}").content.decode()
    fields.retire(site, actor=SYSTEM)
    for one in (view, turned):
        page = web(agent).get(f"/incidents/?view={one.slug}").content.decode()
        assert "The field Site is retired; this finds nothing." in page
        assert "data-row=" not in page


def test_kept_views_are_counted_as_the_reader_sees_them(
    rows: None, agent: User, engineer: User, as_actor: Any, web: Any
) -> None:
    Membership.objects.create(user=engineer, team=Team.objects.get(slug="hr"))
    view = a_view(as_actor(agent), name="Grave", query="state=open&priority=1&team=any", share="everyone")
    for person, count in ((agent, 1), (engineer, 2)):
        saved_views.pin(view, actor=as_actor(person))
        page = web(person).get("/incidents/").content.decode()
        assert f'<bdi>Grave</bdi> <span class="much">{count}</span>' in page
    hidden = a_view(as_actor(engineer), name="Theirs", query="team=hr", share="everyone")
    for query in ("team=hr", "state=open&not.team=network,hr", "team=%68r", "team=+hr"):
        View.objects.filter(pk=hidden.pk).update(query=query)
        assert hidden not in saved_views.visible_views(as_actor(agent)), query
        assert hidden in saved_views.visible_views(as_actor(engineer)), query
    View.objects.filter(pk=hidden.pk).update(query="team=hr")
    Arrangement.objects.create(user=agent, record_kind="incident", view=hidden, is_tab=True)
    assert "Theirs" not in web(agent).get("/incidents/").content.decode()


def test_nine_kept_views_cost_no_query_more(rows: None, agent: User, as_actor: Any, web: Any) -> None:
    browser = web(agent)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert browser.get("/incidents/").status_code == 200
        return len(seen)

    asked()
    before = asked()
    for n in range(9):
        saved_views.pin(a_view(as_actor(agent), name=f"V{n}", query="team=network&service=none"), actor=as_actor(agent))
    assert asked() == before


def test_a_view_is_edited_saved_as_another_and_counted_on_its_page(
    rows: None, agent: User, engineer: User, as_actor: Any, web: Any
) -> None:
    view = a_view(as_actor(agent), share="everyone", query="priority=1..")
    browser = web(agent)
    assert "2 rows now" in browser.get(f"/incidents/views/{view.slug}/edit/").content.decode()
    assert "1 row now" in browser.get("/incidents/views/count/?query=priority%3D1").content.decode()
    assert "There is no such field" in browser.get("/incidents/views/count/?query=x%3D1").content.decode()
    sent = {
        "name": "Late shift",
        "layout": "list",
        "query": "state=new",
        "sort": "newest",
        "share": "everyone",
        "version": "1",
        "column.title": "1",
    }
    assert browser.post(f"/incidents/views/{view.slug}/edit/", sent).status_code == 302
    view.refresh_from_db()
    assert (view.name, view.query, view.sort, view.columns, view.version) == (
        "Late shift",
        "state=new",
        "newest",
        ["title"],
        2,
    )
    assert browser.post(f"/incidents/views/{view.slug}/edit/", sent).status_code == 412
    other = web(engineer)
    assert 'name="save"' not in other.get(f"/incidents/views/{view.slug}/edit/").content.decode()
    assert other.post(f"/incidents/views/{view.slug}/edit/", {**sent, "version": "2"}).status_code == 403
    assert other.post(f"/incidents/views/{view.slug}/edit/", {**sent, "as": "", "name": "My own"}).status_code == 302
    assert View.objects.get(name="My own").owner == engineer


def test_the_export_of_a_list_holds_its_rows(rows: None, agent: User, as_actor: Any, web: Any) -> None:
    browser = web(agent)
    view = a_view(as_actor(agent))
    for asked, found in (("?tab=team&priority=4", ["Small"]), (f"?view={view.slug}", ["Big"])):
        page = browser.get(f"/incidents/{asked}").content.decode()
        address = html.unescape(re.findall(r'href="([^"]+incidents\.csv[^"]*)"', page)[0])
        lines = b"".join(browser.get(address).streaming_content).decode().splitlines()[1:]
        assert [title for title in ("Big", "Small", "Secret") if title in "".join(lines)] == found
        assert len(lines) == 1


def test_a_tab_is_gone_once_its_view_is_shared_no_longer(
    network: Team, agent: User, engineer: User, as_actor: Any
) -> None:
    of_team, of_all = (
        a_view(as_actor(agent), **said) for said in ({"share": "team", "team": network}, {"share": "everyone"})
    )
    Membership.objects.create(user=engineer, team=network)
    for view in (of_team, of_all):
        saved_views.pin(view, actor=as_actor(engineer))
        assert set(saved_views.arranged_by(as_actor(engineer), "incident").tabs) <= set(
            saved_views.visible_views(as_actor(engineer))
        )
    Membership.objects.filter(user=engineer).delete()
    assert saved_views.arranged_by(as_actor(engineer), "incident").tabs == [of_all]
    saved_views.edit_view(of_all, actor=as_actor(agent), version=1, share="none")
    assert saved_views.arranged_by(as_actor(engineer), "incident").tabs == []


def test_a_view_may_be_a_board(rows: None, agent: User, as_actor: Any, web: Any) -> None:
    view = a_view(as_actor(agent), query="state=open&priority=1..3&due=..+4h", layout="board", group_by="team")
    opened = web(agent).get(f"/incidents/?view={view.slug}&text=Big")
    board = "/incidents/board/?state=open&priority=1..3&due=..+4h&text=Big&group_by=team&whose=all"
    assert (opened.status_code, opened["Location"]) == (302, board)
    assert web(agent).get(board).status_code == 200
    with pytest.raises(InvalidInput):
        a_view(as_actor(agent), layout="board", group_by="weather")
