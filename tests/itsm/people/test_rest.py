"""People and teams over REST: the shapes, who sees what, and that a verb does what its page does."""

import pytest
from rest_framework.test import APIClient

from itsm.accounts import operations
from itsm.accounts.models import Team, User
from tests.api.world import SYSTEM, bearer, token_of
from tests.together import each_of

pytestmark = pytest.mark.django_db
PEOPLE, TEAMS = "/api/v1/people/", "/api/v1/teams/"


@pytest.fixture
def keeper(admin: User) -> APIClient:
    return bearer(token_of(admin))


def made(keeper: APIClient, **fields: object) -> dict[str, object]:
    answer = keeper.post(PEOPLE, {"login": "ada", "roles": ["engineer"], **fields}, format="json")
    assert answer.status_code == 201, answer.json()
    return answer.json()


def test_a_person_is_made_edited_and_read(keeper: APIClient, payments: Team, manager: User) -> None:
    body = made(keeper, name="Ada", email="ada@example.com", teams=[{"team": "payments", "lead": True}])
    assert (body["teams"], body["active"], body["owner"]) == ([{"team": "payments", "lead": True}], True, None)
    assert body["addresses"] == [{"email": "ada@example.com", "primary": True, "verified_at": None}]
    change = {"roles": ["engineer", "approver"], "teams": [], "manager": "manager", "time_zone": "Europe/Berlin"}
    version = str(body["version"])
    edited = keeper.patch(f"{PEOPLE}ADA/", change, format="json", HTTP_IF_MATCH=f'"{version}"')
    assert edited.status_code == 200, edited.json()
    assert (edited.json()["teams"], edited.json()["manager"]) == ([], "manager")
    assert edited.json()["version"] > int(version)
    assert keeper.patch(f"{PEOPLE}ada/", change, format="json").status_code == 428
    assert keeper.patch(f"{PEOPLE}ada/", change, format="json", HTTP_IF_MATCH=f'"{version}"').status_code == 412


@pytest.mark.parametrize("login", ["١٢٣", "zoë", "ą.ę"])
def test_a_login_may_be_of_any_alphabet_as_the_schema_promises(keeper: APIClient, login: str) -> None:
    assert made(keeper, login=login)["login"] == login


def test_a_service_account_is_made_handed_over_and_retired(keeper: APIClient, engineer: User, agent: User) -> None:
    body = made(keeper, login="robot", account_type="service", owner="engineer")
    assert (body["owner"], body["account_type"]) == ("engineer", "service")
    tag = {"HTTP_IF_MATCH": f'"{body["version"]}"'}
    handed = keeper.patch(f"{PEOPLE}robot/", {"owner": "agent"}, format="json", **tag)
    assert handed.json()["owner"] == "agent"
    assert keeper.post(f"{PEOPLE}robot/deactivate/", {}, format="json").json()["active"] is False
    assert keeper.post(f"{PEOPLE}robot/reactivate/", {}, format="json").json()["active"] is True
    refused = keeper.post(PEOPLE, {"login": "stray", "roles": [], "account_type": "service"}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/owner")


def test_leaving_over_rest_shows_first_and_then_does(keeper: APIClient, engineer: User, agent: User) -> None:
    made(keeper, login="robot", account_type="service", owner="engineer")
    token_of(engineer)
    preview = keeper.get(f"{PEOPLE}engineer/orphans/").json()
    assert (preview["tokens"], preview["blocked"]) == (1, None)
    (duty,) = preview["duties"]
    assert (duty["what"], duty["reference"], duty["passes"]) == ("service account", "robot", True)
    gone = keeper.post(f"{PEOPLE}engineer/deactivate/", {"successor": "agent", "reason": "Left"}, format="json")
    assert (gone.status_code, gone.json()["active"]) == (200, False)
    assert keeper.get(f"{PEOPLE}robot/").json()["owner"] == "agent"
    assert keeper.post(f"{PEOPLE}engineer/deactivate/", {}, format="json").status_code == 409
    assert keeper.get(f"{PEOPLE}admin/orphans/").json()["blocked"].startswith("admin is the only administrator")


def test_addresses_are_for_whose_they_are_and_for_administrators(keeper: APIClient, engineer: User) -> None:
    made(keeper, email="ada@example.com")
    ada = User.objects.get(username="ada")
    assert bearer(token_of(ada)).get(f"{PEOPLE}ada/").json()["email"] == "ada@example.com"
    seen = bearer(token_of(engineer)).get(f"{PEOPLE}ada/").json()
    assert (seen["email"], seen["addresses"]) == (None, None)
    assert "ada@example.com" not in bearer(token_of(engineer)).get(PEOPLE).content.decode()


def test_a_requester_finds_nobody_but_themselves(requester: User, engineer: User) -> None:
    client = bearer(token_of(requester))
    assert [one["login"] for one in client.get(PEOPLE).json()["results"]] == ["requester"]
    hidden, absent = client.get(f"{PEOPLE}engineer/"), client.get(f"{PEOPLE}nobody/")
    assert (
        (hidden.status_code, hidden.json()["detail"])
        == (absent.status_code, absent.json()["detail"])
        == (404, absent.json()["detail"])
    )
    assert client.get(f"{PEOPLE}engineer/rights/").status_code == 404
    assert client.get(f"{PEOPLE}requester/rights/").status_code == 200
    assert client.get(TEAMS).status_code == 403


def test_rights_say_what_and_why(keeper: APIClient, engineer: User, payments: Team) -> None:
    operations.set_member(payments, engineer, actor=SYSTEM, lead=True)
    body = bearer(token_of(engineer)).get(f"{PEOPLE}engineer/rights/").json()
    assert body["teams"] == [{"team": "payments", "lead": True}]
    steps = {(one["record"], one["step"]): one for one in body["steps"]}
    assert steps["incident", "resolve"]["because"] == ["engineer"]
    assert steps["incident", "close"] == {
        "record": "incident", "step": "close", "title": "Close", "allowed": True, "on": ["own"], "except_own": False,
        "because": [], "would": [],
    }  # fmt: skip
    refused = steps["correction", "approve"]
    assert (refused["allowed"], refused["on"], refused["because"]) == (False, [], [])
    assert refused["would"] == ["manager", "owner", "admin"]
    requests = {(one["path"], one["action"]): one for one in body["requests"]}
    assert requests["/api/v1/people/", "create"]["allowed"] is False
    assert requests["/api/v1/people/", "create"]["would"] == ["admin"]
    asks = requests["/api/v1/gate-evaluations/", "create"]
    assert (asks["allowed"], asks["because"], asks["scopes"]) == (True, ["engineer"], ["gate:ask"])


def test_who_left_may_do_nothing(keeper: APIClient, engineer: User) -> None:
    operations.deactivate(engineer, actor=SYSTEM)
    body = keeper.get(f"{PEOPLE}engineer/rights/").json()
    assert body["active"] is False
    assert not [one for one in (*body["steps"], *body["requests"]) if one["allowed"]]
    assert body["scopes"] == []


def test_a_team_is_made_filled_merged_and_read(keeper: APIClient, engineer: User, payments: Team) -> None:
    body = {"slug": "web", "name": "Web", "members": [{"login": "engineer", "lead": True}]}
    team = keeper.post(TEAMS, body, format="json").json()
    assert team["members"] == [{"login": "engineer", "lead": True, "active": True}]
    tag = {"HTTP_IF_MATCH": f'"{team["version"]}"'}
    team = keeper.patch(f"{TEAMS}web/", {"name": "Site", "members": []}, format="json", **tag).json()
    assert (team["name"], team["members"]) == ("Site", [])
    merged = keeper.post(f"{TEAMS}web/merge/", {"into": "payments"}, format="json").json()
    assert merged["merged_into"] == "payments"
    standing = keeper.get(f"{TEAMS}?retired=false").json()["results"]
    assert [one["slug"] for one in standing] == ["payments", "triage"]
    assert [one["slug"] for one in keeper.get(f"{TEAMS}?retired=true").json()["results"]] == ["web"]
    assert keeper.post(f"{TEAMS}payments/retire/", {}, format="json").json()["retired_at"] is not None
    assert keeper.post(f"{TEAMS}payments/revive/", {}, format="json").json()["retired_at"] is None
    assert keeper.post(TEAMS, {"slug": "web", "name": "Again"}, format="json").status_code == 409
    assert keeper.post(TEAMS, {"slug": "not a slug", "name": "X"}, format="json").status_code == 400


@each_of(
    "body",
    [
        {"login": "a b", "roles": []}, {"login": "", "roles": []}, {"login": "a", "roles": ["god"]},
        {"login": "a", "roles": "admin"}, {"login": "a", "roles": [], "teams": ["payments"]},
        {"login": "a", "roles": [], "teams": [{"team": "none"}]}, {"login": "a", "roles": [], "manager": "nobody"},
        {"login": "a", "roles": [], "email": "no"}, {"login": "a", "roles": [], "time_zone": "Mars/One"},
        {"login": "a", "roles": [], "owner": "admin"}, {"login": "a", "roles": [], "is_active": False},
        {"login": "a", "roles": [], "password": "x"}, {"login": "a", "roles": [], "access_version": 2},
        {"login": "\u202eada", "roles": []}, {"login": "a" * 151, "roles": []}, {"login": "a\x00", "roles": []},
        {"login": "a", "roles": [], "teams": [{"team": "payments", "lead": "yes"}]},
        {"login": "a", "roles": [], "manager": "robot"},
    ],
)  # fmt: skip
def test_odd_people_are_refused_with_a_pointer(keeper: APIClient, payments: Team, body: dict[str, object]) -> None:
    operations.add_user(
        actor=SYSTEM, username="robot", roles=[], account_type="service", owner=User.objects.get(username="admin")
    )
    answer = keeper.post(PEOPLE, body, format="json")
    assert answer.status_code == 400, answer.json()
    assert answer.json()["type"] in {"/problems/invalid-input", "/problems/malformed"}  # a NUL is no text
    assert answer.json().get("errors") or "malformed" in answer.json()["type"]
    assert User.objects.count() == 2


def test_a_name_or_an_address_that_is_taken_is_a_conflict(keeper: APIClient) -> None:
    made(keeper, email="ada@example.com")
    for body in ({"login": "ADA", "roles": []}, {"login": "bob", "roles": [], "email": "ADA@example.com"}):
        answer = keeper.post(PEOPLE, body, format="json")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/conflict")
    assert not User.objects.filter(username="bob").exists()


def test_the_same_request_makes_one_person_and_shows_no_link_again(
    keeper: APIClient, settings: pytest.FixtureRequest
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # type: ignore[attr-defined]
    body = {"login": "ada", "roles": ["engineer"], "invite": True}
    first, second = (keeper.post(PEOPLE, body, format="json", HTTP_IDEMPOTENCY_KEY="k-12345") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert "/welcome/" in first.json()["invitation_link"]
    assert second.json()["invitation_link"] is None
    again = keeper.post(f"{PEOPLE}ada/invite/", {}, format="json").json()["invitation_link"]
    assert again != first.json()["invitation_link"]


def test_a_token_of_an_administrator_needs_the_scope(admin: User) -> None:
    for scopes, status in ((("read",), 403), (("people:write",), 201)):
        client = bearer(token_of(admin, *scopes))
        assert client.post(PEOPLE, {"login": "ada", "roles": []}, format="json").status_code == status
