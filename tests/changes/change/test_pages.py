"""The pages of changes: who may open which door, people decide, and the cost of a page."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from changes.change.operations.evaluations import expire
from changes.models import CalendarWindow, Change, ChangeModel
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Door
from tests.changes.scene import asked, measured_service
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import a_service
from tests.slo.proving import TURN, by_turns

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]
HOUR = timedelta(hours=1)

ROLES = ("requester", "agent", "engineer", "approver", "manager", "owner", "auditor", "admin")
STAFF = dict.fromkeys(ROLES[1:], 200)
ASKERS = {"engineer": 200, "manager": 200, "owner": 200, "admin": 200}
# page -> role -> status of GET; whoever is not listed gets the last word.
DOORS: dict[str, tuple[dict[str, int], int]] = {
    "/changes/": ({}, 200),
    "/changes/?tab=waiting": ({}, 200),
    "/changes/?tab=all&state=open&verdict=peer&text=shard": ({}, 200),
    "/changes/calendar/": ({}, 200),
    "/changes/models/": (STAFF, 403),
    "/changes/new/": (ASKERS, 403),
    "/changes/probe/search/": (STAFF, 403),
    "/changes/of/search/": ({}, 200),
    "/changes/{reference}/": (STAFF, 404),
    "/changes/{reference}/approve/": ({"approver": 200, "manager": 200, "admin": 200, "requester": 404}, 403),
    "/changes/{reference}/reach/{decision}/": (STAFF, 404),
    "/changes/{reference}/news/": (STAFF, 404),
    "/changes/CHG-99999/": ({}, 404),
    "/changes/{reference}/explode/": ({}, 404),
}
APPROVES = {"approver": 302, "manager": 302, "owner": 403, "admin": 302, "requester": 404}


@pytest.fixture
def change(pipeline: User) -> Change:
    """Of a service that nobody measures: one approver decides."""
    return asked(a_service(slug="search", name="Search"), pipeline).change


def read(change: Change) -> dict[str, int]:
    """What a form sends of the change as its page shows it now."""
    return {"version": Change.objects.get(pk=change.pk).version}


@pytest.mark.heavy
def test_doors(change: Change, person: Callable[..., User], web: Web) -> None:
    """Sampled: one in four roles at each, by turns."""
    decision = change.decisions.get().pk
    opened: dict[str, dict[str, int]] = {}
    expected: dict[str, dict[str, int]] = {}
    for turn, (path, (listed, otherwise)) in enumerate(DOORS.items(), TURN):
        roles = by_turns(ROLES, turn)
        address = path.format(reference=change.reference, decision=decision)
        opened[path] = {role: web(person(role)).get(address).status_code for role in roles}
        expected[path] = {role: listed.get(role, otherwise) for role in roles}
    assert opened == expected


def test_nobody_comes_in_without_signing_in(change: Change, client: Client) -> None:
    for path in DOORS:
        answer = client.get(path.format(reference=change.reference, decision=1))
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/sign-in/"), path


def test_the_page_says_the_verdict_and_why(pipeline: User, approver: User, web: Web) -> None:
    service, objective = measured_service(slug="search")
    change = asked(service, pipeline).change
    page = web(approver).get(change.get_absolute_url()).content.decode()
    assert "Waits for people: peer of the owning team" in page
    assert "by policy default v1 (owned by Change enablement" in page
    assert "Would go without people if:" in page
    assert f"{objective.slug} has 100" in page
    assert f"/slos/{objective.slug}/burn-down/" in page
    assert 'data-opens="approve"' in page
    assert f"/changes/{change.reference}/decline/" in page


def test_approving_through_the_page(change: Change, approver: User, web: Web) -> None:
    browser = web(approver)
    answer = browser.post(
        f"/changes/{change.reference}/approve/", read(change) | {"comment": "Fine"}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer["HX-Redirect"]) == (204, change.get_absolute_url())
    change.refresh_from_db()
    assert change.status == "scheduled"
    page = browser.get(change.get_absolute_url()).content.decode()
    assert f"Approved by {approver}" in page
    assert "Fine" in page
    assert 'data-opens="approve"' not in page


def test_an_open_page_hears_that_the_change_moved(change: Change, approver: User, manager: User, web: Web) -> None:
    browser, hx = web(approver), {"HX-Request": "true"}
    seen = re.search(r'hx-get="(/changes/[^"]+/news/[^"]+)"', browser.get(change.get_absolute_url()).content.decode())
    assert seen is not None
    assert browser.get(seen[1], headers=hx).status_code == 204
    web(manager).post(f"/changes/{change.reference}/approve/", read(change))
    assert "It has moved meanwhile" in browser.get(seen[1], headers=hx).content.decode()


def _rows(answer: Any) -> str:
    return str(answer.content.decode().partition("<tbody")[2])


def test_an_approval_that_lapsed_stands_beside_no_draft(pipeline: User, approver: User, owner: User, web: Web) -> None:
    service, now = a_measured_service(at=timezone.now()), timezone.now()
    a_model(service, actor_for(owner, Door.WEB), at=now)
    let_go = ask(service, actor_for(pipeline, Door.API), at=now, change_class="standard")
    page = web(approver)
    assert ">Approved<" in _rows(page.get("/changes/?tab=all"))
    assert "no longer good" not in page.get(let_go.change.get_absolute_url()).content.decode()
    assert let_go.expires_at is not None
    expire(let_go.change_id, let_go.expires_at)
    listed = _rows(page.get("/changes/?tab=all"))
    assert ">Draft<" in listed
    assert ">Approved<" not in listed
    record = page.get(let_go.change.get_absolute_url()).content.decode()
    assert "no longer good" in record


def test_a_draft_that_lapsed_says_who_may_ask_again(
    person: Callable[..., User], pipeline: User, auditor: User, owner: User, web: Web
) -> None:
    ada, bo, now = person("engineer", username="ada"), person("engineer", username="bo"), timezone.now()
    service = a_measured_service(at=now)
    a_model(service, actor_for(owner, Door.WEB), at=now)
    pipeline.owner = bo
    pipeline.save()
    of_ada, of_a_program = (
        ask(service, actor_for(one, Door.API), at=now, change_class="standard") for one in (ada, pipeline)
    )

    def read(of: Any, reader: User) -> str:
        return web(reader).get(of.change.get_absolute_url()).content.decode()

    only, own = "Only ada, who asked for it, may ask again", "Ask with a change of your own"
    assert "ask again" not in read(of_ada, bo), "it is good still"
    for one in (of_ada, of_a_program):
        expire(one.change_id, one.expires_at)
    assert "It is yours to ask again" in read(of_ada, ada)
    assert own not in read(of_ada, ada)
    assert only in read(of_ada, bo)
    assert own in read(of_ada, bo)
    assert only in read(of_ada, auditor)
    assert own not in read(of_ada, auditor)
    assert f"Only {pipeline}, a program, asked for it and may ask again; bo answers for it." in read(of_a_program, bo)
    Change.objects.filter(pk=of_ada.change_id).update(window_start=now - HOUR, window_end=now)
    assert "Its window is over" in read(of_ada, ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert "so nobody may ask again" in read(of_ada, bo)


def test_who_may_approve(person: Callable[..., User], pipeline: User, web: Web) -> None:
    service = a_service(slug="search")
    seen = {}
    for number, role in enumerate(APPROVES):
        change = asked(service, pipeline, summary=f"Change {number}").change
        seen[role] = web(person(role)).post(f"/changes/{change.reference}/approve/", read(change)).status_code
    assert seen == APPROVES


def test_the_author_is_told_why_there_are_no_buttons(person: Callable[..., User], web: Web) -> None:
    author = person("manager", username="ada")
    change = asked(a_service(slug="search"), author).change
    browser = web(author)
    page = browser.get(change.get_absolute_url()).content.decode()
    assert "It waits for" in page
    assert 'data-opens="approve"' not in page
    refused = browser.post(f"/changes/{change.reference}/approve/", read(change), headers={"HX-Request": "true"})
    assert (refused.status_code, refused["HX-Retarget"]) == (403, "#toasts")


def test_declining_without_a_word_keeps_the_form(change: Change, approver: User, web: Web) -> None:
    browser = web(approver)
    answer = browser.post(
        f"/changes/{change.reference}/decline/", read(change) | {"comment": " "}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 422
    assert "Say why you decline" in answer.content.decode()
    assert "<html" not in answer.content.decode()
    change.refresh_from_db()
    assert change.status == "assessing"
    assert (
        browser.post(f"/changes/{change.reference}/decline/", read(change) | {"comment": "Not today"}).status_code
        == 302
    )
    assert "Declined by approver" in browser.get(change.get_absolute_url()).content.decode()


def test_a_step_that_is_not_open_is_refused_in_place(change: Change, manager: User, web: Web) -> None:
    answer = web(manager).post(
        f"/changes/{change.reference}/close/", {"outcome_code": "successful"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409


def test_from_asking_by_hand_to_closing(person: Callable[..., User], manager: User, web: Web) -> None:
    ada = person("engineer", username="ada")
    a_service(slug="search")
    browser = web(ada)
    words = {
        "service": "search", "summary": "Move the index", "change_class": "normal", "purpose": "feature",
        "environment": "production", "plan": "Copy", "backout": "Back",
    }  # fmt: skip
    answer = browser.post("/changes/new/", words)
    change = Change.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, change.get_absolute_url())
    assert browser.post("/changes/new/", words | {"summary": ""}).status_code == 422
    web(manager).post(f"/changes/{change.reference}/approve/", read(change))
    for action in ("start", "finish"):
        assert browser.post(f"/changes/{change.reference}/{action}/").status_code == 302, action
    closing = {"outcome_code": "successful", "note": "Went well"}
    assert web(manager).post(f"/changes/{change.reference}/close/", closing).status_code == 302
    change.refresh_from_db()
    assert (change.status, change.outcome_note) == ("closed", "Went well")


def test_asking_again_after_a_decline(person: Callable[..., User], manager: User, web: Web) -> None:
    ada = person("engineer", username="ada")
    change = asked(a_service(slug="search"), ada).change
    web(manager).post(f"/changes/{change.reference}/decline/", read(change) | {"comment": "Not today"})
    page = web(ada).get(change.get_absolute_url()).content.decode()
    assert f"/changes/{change.reference}/submit/" in page
    assert web(ada).post(f"/changes/{change.reference}/submit/").status_code == 302
    assert change.decisions.count() == 2
    page = web(ada).get(change.get_absolute_url()).content.decode()
    assert "Waits for people" in page
    earlier = change.decisions.order_by("id").first()
    assert earlier is not None
    assert (
        "You are looking at an earlier decision"
        in web(ada).get(f"{change.get_absolute_url()}?decision={earlier.pk}").content.decode()
    )


def test_a_note_is_kept(change: Change, approver: User, web: Web) -> None:
    browser = web(approver)
    assert browser.post(f"/changes/{change.reference}/note/", {"text": "Ask Mona first"}).status_code == 302
    assert "Ask Mona first" in browser.get(change.get_absolute_url()).content.decode()
    assert browser.post(f"/changes/{change.reference}/note/", {"text": ""}).status_code == 422


def test_the_probe_answers_with_a_line_that_works(change: Change, engineer: User, web: Web) -> None:
    browser = web(engineer)
    page = browser.get("/changes/probe/search/").content.decode()
    assert f"{settings.BASE_URL}/api/v1/gate-evaluations/" in page
    assert "One approver" in page
    part = browser.get("/changes/probe/search/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part


def test_managers_keep_the_calendar(manager: User, engineer: User, web: Web) -> None:
    words = {"window_type": "freeze", "name": "Peak", "starts_at": "2030-11-01T00:00", "ends_at": "2030-11-05T00:00",
             "reason": "Trading", "environments": ["production", "stage"]}  # fmt: skip
    assert web(engineer).post("/changes/calendar/", words).status_code == 403
    browser = web(manager)
    assert browser.post("/changes/calendar/", words | {"ends_at": "2030-10-01T00:00"}).status_code == 400
    assert browser.post("/changes/calendar/", words).status_code == 302
    window = CalendarWindow.objects.get()
    assert window.environments == ["production", "staging"]
    assert browser.post(f"/changes/calendar/{window.pk}/lift/", {"version": window.version + 1}).status_code == 412
    assert browser.post(f"/changes/calendar/{window.pk}/lift/", {"version": window.version}).status_code == 302
    window.refresh_from_db()
    assert window.lifted_at is not None


def test_owners_approve_models_that_others_wrote(owner: User, approver: User, admin: User, web: Web) -> None:
    a_service(slug="search")
    words = {"slug": "search-deployment", "service": "search", "risk": "low", "progressive": "on"}
    assert web(approver).post("/changes/models/", words).status_code == 403
    assert web(owner).post("/changes/models/", words).status_code == 302
    model = ChangeModel.objects.get()
    assert model.progressive
    assert web(owner).post("/changes/models/", words).status_code == 409
    approving = {"how": "approve", "version": model.version}
    assert web(owner).post(f"/changes/models/{model.slug}/stop/", approving).status_code == 403
    assert web(admin).post(f"/changes/models/{model.slug}/stop/", approving).status_code == 302
    model.refresh_from_db()
    certified = web(owner).post(f"/changes/models/{model.slug}/certify/", {"version": model.version})
    assert certified.status_code == 302


def _many(template: Change, count: int) -> None:
    fields: dict[str, Any] = {f.attname: getattr(template, f.attname) for f in Change._meta.concrete_fields}
    fields.pop("id")
    rows = [Change(**fields | {"summary": f"Deploy search {n} to production with a summary of usual length"})
            for n in range(count)]  # fmt: skip
    Change.objects.bulk_create(rows)


def _cost(browser: Client, path: str) -> tuple[int, int]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = browser.get(path)
    assert answer.status_code == 200
    return len(queries), len(answer.content)


def test_a_list_costs_the_same_with_one_row_and_many(change: Change, approver: User, web: Web) -> None:
    browser = web(approver)
    browser.get("/changes/?tab=all")
    few, _size = _cost(browser, "/changes/?tab=all")
    _many(change, 60)
    many, size = _cost(browser, "/changes/?tab=all")
    assert few == many <= 14
    assert size < 60_000


def test_the_change_page_costs_a_fixed_number_of_queries(change: Change, approver: User, web: Web) -> None:
    browser = web(approver)
    browser.get(change.get_absolute_url())
    queries, size = _cost(browser, change.get_absolute_url())
    # Among them what has changed since, who decides, in whose place, what it is linked to, and where else this service
    # is measured.
    assert queries <= 30
    assert size < 60_000


@pytest.mark.parametrize("path", ["/changes/", "/changes/calendar/", "/changes/new/", "/changes/{reference}/"])
def test_pages_keep_to_their_policy(path: str, change: Change, manager: User, web: Web) -> None:
    answer = web(manager).get(path.format(reference=change.reference))
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|javascript:", page)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page))
