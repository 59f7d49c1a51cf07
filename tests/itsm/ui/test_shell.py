"""What every page has, for every role."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from itsm.accounts import demo_logins
from itsm.accounts import operations as accounts
from itsm.accounts.models import Token, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import DomainError
from itsm.notifications.models import Notification
from itsm.ui.context import entries
from itsm.ui.explanations import explained
from tests.together import each_of

ROLES = ["requester", "agent", "engineer", "approver", "manager", "owner", "auditor", "admin"]
PAGES = [
    "/",
    "/search/",
    "/search/?q=shop",
    "/notifications/",
    "/profile/",
    "/incidents/",
    "/incidents/new/",
    "/services/",
]


@pytest.mark.parametrize("page", PAGES)
@each_of("role", ROLES)
def test_everybody_opens_the_common_pages(role: str, page: str, person: Any, web: Callable[[User], Client]) -> None:
    answer = web(person(role)).get(page)
    leads_on = {("auditor", "/incidents/new/"): 403, ("requester", "/"): 302}  # whose first page is the portal
    assert answer.status_code == leads_on.get((role, page), 200)
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES)
def test_whoever_is_not_signed_in_is_asked_to(page: str, client: Client) -> None:
    answer = client.get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in/?next=")


def test_an_auditor_is_offered_nothing_to_write(auditor: User, agent: User, web: Callable[[User], Client]) -> None:
    for page in ("/", "/incidents/"):
        assert "/incidents/new/" not in web(auditor).get(page).content.decode()
        assert "/incidents/new/" in web(agent).get(page).content.decode()


def test_requesters_get_the_smaller_shell(requester: User, engineer: User, web: Callable[[User], Client]) -> None:
    small, large = web(requester).get("/portal/").content.decode(), web(engineer).get("/").content.decode()
    assert "My requests" in small
    assert reverse("changes:list") not in small
    assert reverse("changes:list") in large


def test_one_entry_is_marked_on_every_page_but_those_of_oneself_and_of_the_settings() -> None:
    known = set(get_resolver().namespace_dict)  # reading the addresses is what registers the entries
    for shown in ("for_staff", "for_requesters"):
        of_them = [entry for entry in entries() if getattr(entry, shown)]
        spaces = {entry.url_name.split(":")[0] for entry in of_them}  # of several in one, the first is marked
        marked = [*spaces, *(one for entry in of_them for one in entry.marked_in)]
        assert len(marked) == len(set(marked)), "a page lies under one entry"
    marked = [one for entry in entries() for one in (entry.url_name.split(":")[0], *entry.marked_in)]
    assert known - set(marked) == {
        "administration",
        "audit",
        "directory",
        "factor_rules",
        "factors",
        "scim",
        "security",
        "sign_in_factors",
        "api",
        "chats",
        "continuity",
        "fields",
        "files",
        "invariants",
        "mcp",
        "pipelines",
        "retention",
        "roles",
        "setup",
        "statements",
        "oauth_metadata",
        "status",
        "webhooks",
        "workloads",
        "identity",
        "single_sign_on",
    }


def test_the_navigation_has_eleven_entries_at_most(engineer: User, admin: User, web: Callable[[User], Client]) -> None:
    for person in (engineer, admin):
        assert web(person).get("/").content.decode().count('class="side-entry" href') <= 11


def test_a_phone_has_four_entries_at_hand_and_a_button_for_the_others(
    engineer: User, requester: User, web: Callable[[User], Client]
) -> None:
    page = web(engineer).get("/imports/").content.decode()
    bar, more = page.split('aria-controls="side-more"')
    assert bar.count('class="side-entry" href') == 4
    assert re.search(r'href="/cis/"[^>]*aria-current="page"', more), "imports lie under items"
    assert page.count('aria-current="page"') - page.count('class="tab"') < 2
    assert "side-more" not in web(requester).get("/portal/").content.decode()


@pytest.mark.django_db
class TestSigningIn:
    def test_a_person_signs_in_and_out(self, client: Client) -> None:
        User.objects.create_user("ada", "a long enough password", roles=["engineer"])
        answer = client.post("/sign-in/", {"username": "Ada", "password": "a long enough password"})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert client.post("/sign-out/").status_code == 302
        assert client.get("/").status_code == 302

    def test_a_wrong_password_keeps_the_name(self, client: Client) -> None:
        answer = client.post("/sign-in/", {"username": "ada", "password": "wrong"})
        assert answer.status_code == 422
        assert 'value="ada"' in answer.content.decode()

    def test_guessing_is_locked(self, client: Client) -> None:
        User.objects.create_user("ada", "a long enough password", roles=["engineer"])
        statuses = [client.post("/sign-in/", {"username": "ada", "password": "x"}).status_code for _ in range(9)]
        assert statuses[-1] == 429

    def test_the_demo_logins_are_offered_in_a_demo_only(self, client: Client, settings: Any) -> None:
        founder = Actor.system(demo_logins.FOUNDER, Door.COMMAND)
        accounts.add_user(actor=founder, username="requester", roles=["requester"], password=demo_logins.DEMO_PASSWORD)
        settings.DEMO = True
        page = client.get("/sign-in/").content.decode()
        assert 'value="requester"' in page
        assert 'value="agent"' not in page, "one that is not here is not promised"
        settings.DEMO = False
        assert 'value="requester"' not in client.get("/sign-in/").content.decode()

    def test_a_desk_of_its_own_people_is_offered_no_demo_logins(self, client: Client, settings: Any) -> None:
        settings.DEMO = True
        keeper = Actor.system("setup", Door.COMMAND)
        accounts.add_user(actor=keeper, username="requester", roles=["requester"], password="a long enough password")
        page = client.get("/sign-in/").content.decode()
        assert "This is a demo" not in page
        assert 'value="headroom"' not in page

    def test_signing_in_never_leads_to_another_site(self, client: Client) -> None:
        User.objects.create_user("ada", "a long enough password")
        where = {"username": "ada", "password": "a long enough password", "next": "https://example.org/"}
        assert client.post("/sign-in/", where)["Location"] == "/"


class TestTokens:
    def test_a_token_is_shown_once(self, engineer: User, web: Callable[[User], Client]) -> None:
        browser = web(engineer)
        page = browser.post("/profile/tokens/", {"name": "ci", "allowed": ["gate:ask"], "days": "30"}).content.decode()
        token = Token.objects.get(owner=engineer)
        assert f"hr_{token.prefix}." in page
        assert token.scopes == ["gate:ask"]
        assert f"hr_{token.prefix}." not in browser.get("/profile/").content.decode()

    def test_nothing_chosen_means_all_that_the_owner_may(self, engineer: User, web: Callable[[User], Client]) -> None:
        web(engineer).post("/profile/tokens/", {"name": "ci", "days": "7"})
        assert Token.objects.get(owner=engineer).scopes is None

    def test_what_is_wrong_is_said_and_what_was_typed_is_kept(self, engineer: User, web: Any) -> None:
        answer = web(engineer).post("/profile/tokens/", {"name": "", "allowed": ["gate:ask"], "days": "30"})
        assert answer.status_code == 422
        assert "checked" in answer.content.decode()

    def test_only_the_owner_revokes(self, engineer: User, agent: User, web: Callable[[User], Client]) -> None:
        web(engineer).post("/profile/tokens/", {"name": "ci", "days": "7"})
        address = f"/profile/tokens/{Token.objects.get().prefix}/revoke/"
        assert web(agent).post(address).status_code == 404
        assert web(engineer).get(address).status_code == 405
        assert web(engineer).post(address).status_code == 302
        assert Token.objects.get().revoked_at is not None


class TestTheProfile:
    def test_times_follow_the_time_zone(self, engineer: User, web: Callable[[User], Client]) -> None:
        browser = web(engineer)
        answer = browser.post("/profile/edit/", {"name": "Ada", "time_zone": "Asia/Kathmandu"})
        assert answer.status_code == 302
        engineer.refresh_from_db()
        assert (engineer.name, engineer.time_zone, engineer.version) == ("Ada", "Asia/Kathmandu", 2)
        assert "Asia/Kathmandu" in browser.get("/profile/").content.decode()

    def test_a_zone_that_does_not_exist_is_refused(self, engineer: User, web: Callable[[User], Client]) -> None:
        assert web(engineer).post("/profile/edit/", {"time_zone": "Mars/Olympus"}).status_code == 422


class TestTheBell:
    def test_reading_is_for_oneself_only(self, engineer: User, agent: User, web: Callable[[User], Client]) -> None:
        mine, theirs = (Notification.objects.create(to=user, subject="news") for user in (engineer, agent))
        web(engineer).post("/notifications/read/", {"notification": str(theirs.pk)})
        web(engineer).post("/notifications/read/")
        mine.refresh_from_db()
        theirs.refresh_from_db()
        assert mine.read_at is not None
        assert theirs.read_at is None


class TestRefusals:
    def test_a_page_says_what_to_do_next(self, requester: User, web: Callable[[User], Client]) -> None:
        answer = web(requester).get("/services/new/")
        assert answer.status_code == 403
        assert "/problems/not-permitted/" in answer.content.decode()

    def test_a_partial_request_gets_a_toast(self, requester: User, web: Callable[[User], Client]) -> None:
        answer = web(requester).get("/services/new/", headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Retarget"]) == (403, "#toasts")
        assert "<html" not in answer.content.decode()

    @pytest.mark.django_db
    @each_of("code", explained())
    def test_every_problem_is_explained_to_anybody(self, code: str, client: Client) -> None:
        assert client.get(f"/problems/{code}/").status_code == 200

    def test_every_refusal_that_exists_is_explained(self) -> None:
        kinds, codes = [DomainError], set()
        while kinds:
            kind = kinds.pop()
            codes.add(kind.code)
            kinds += kind.__subclasses__()
        assert codes <= set(explained())

    @pytest.mark.django_db
    def test_what_asks_by_itself_takes_no_page_away_where_the_session_has_ended(self, client: Client) -> None:
        answer = client.get("/search/?q=x", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/slos/"})
        assert (answer.status_code, answer["HX-Retarget"]) == (401, "#toasts")
        assert "/sign-in/?next=%2Fslos%2F" in answer.content.decode()

    def test_a_part_that_is_gone_is_a_toast(self, agent: User, web: Callable[[User], Client]) -> None:
        answer = web(agent).get("/incidents/of/nowhere/", headers={"HX-Request": "true"})
        assert (answer.status_code, answer["HX-Retarget"]) == (404, "#toasts")

    @pytest.mark.django_db
    def test_no_other_problem_is(self, client: Client) -> None:
        assert client.get("/problems/no-such-thing/").status_code == 404
