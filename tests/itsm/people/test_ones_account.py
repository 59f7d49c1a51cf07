"""One's own account: the password, where one is signed in, tokens with their last use; and locks that an admin lifts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts import operations, tokens
from itsm.accounts.models import Session, Team, Token, User
from itsm.accounts.sessions import hashed
from itsm.audit.models import Entry
from tests.api.world import SYSTEM, bearer, token_of

pytestmark = pytest.mark.django_db
WORD, NEW = "correct horse battery", "violet harbour seven"


@pytest.fixture
def ada(admin: User) -> User:
    return operations.add_user(actor=SYSTEM, username="ada", roles=["engineer"], password=WORD)


def signed_in(agent: str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0") -> Client:
    client = Client(headers={"user-agent": agent})
    assert client.post("/sign-in/", {"username": "ada", "password": WORD}).status_code == 302
    return client


def change(client: Client, current: str = WORD, new: str = NEW, again: str = NEW) -> int:
    body = {"current_password": current, "password": new, "again": again}
    return client.post("/profile/password/", body).status_code


def test_changing_the_password_ends_every_other_session(ada: User) -> None:
    here, there = signed_in(), signed_in()
    before = here.cookies["sessionid"].value
    assert change(here) == 302
    assert here.get("/profile/").status_code == 200
    assert there.get("/profile/").status_code == 302
    assert here.cookies["sessionid"].value != before
    assert Client().post("/sign-in/", {"username": "ada", "password": WORD}).status_code == 422
    assert Client().post("/sign-in/", {"username": "ada", "password": NEW}).status_code == 302


def test_the_present_password_is_asked_and_guessing_it_is_locked(ada: User) -> None:
    client = signed_in()
    assert change(client, current="wrong") == 422
    assert change(client, again="another one") == 422
    assert change(client, new="short", again="short") == 400
    for _ in range(8):
        change(client, current="wrong")
    assert change(client) == 429
    assert User.objects.get(pk=ada.pk).check_password(WORD)


def test_nobody_changes_the_password_of_somebody_else(ada: User, admin: User) -> None:
    from itsm.accounts.actors import actor_for
    from itsm.kernel.actors import Door
    from itsm.kernel.errors import NotPermitted

    with pytest.raises(NotPermitted):
        operations.change_password(ada, actor=actor_for(admin, Door.WEB), current_password=WORD, password=NEW)


def test_sessions_are_listed_without_a_secret_and_this_one_is_marked(ada: User) -> None:
    here = signed_in()
    signed_in("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1")
    page = here.get("/profile/").content.decode()
    assert page.count("This one") == 1
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    keys = [here.cookies["sessionid"].value]
    for row in Session.objects.all():
        assert row.key_hash not in page
        assert all(key not in (row.key_hash + row.data) for key in keys)


def test_one_session_is_ended_and_others_go_on(ada: User, engineer: User, web: Callable[[User], Client]) -> None:
    here, there, third = signed_in(), signed_in(), signed_in()
    row = Session.objects.get(pk=hashed(there.cookies["sessionid"].value))
    assert web(engineer).post(f"/profile/sessions/{row.reference}/end/").status_code == 302
    assert there.get("/profile/").status_code == 200  # somebody else's request ended nothing
    here.post(f"/profile/sessions/{row.reference}/end/")
    assert (there.get("/profile/").status_code, third.get("/profile/").status_code) == (302, 200)
    here.post("/profile/sessions/others/end/")
    assert (third.get("/profile/").status_code, here.get("/profile/").status_code) == (302, 200)
    assert Entry.objects.filter(event="user.sessions_ended", reference="ada").count() == 2


def test_signing_out_ends_the_session_in_the_database(ada: User) -> None:
    client = signed_in()
    assert Session.objects.filter(user=ada).count() == 1
    client.post("/sign-out/")
    assert Session.objects.filter(user=ada).count() == 0


def test_being_seen_is_noted_now_and_then(ada: User) -> None:
    client = signed_in()
    Session.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    client.get("/profile/")
    assert Session.objects.get(user=ada).last_seen_at > timezone.now() - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("127.0.0.1", "this_machine"), ("::1", "this_machine"), ("10.1.2.3", "private"), ("192.168.0.7", "private"),
        ("::ffff:10.0.0.1", "private"), ("fd00::1", "private"), ("8.8.8.8", "internet"), ("2600::1", "internet"),
        ("", ""), ("nonsense", ""), ("10.1.2.3, 8.8.8.8", ""),
    ],
)  # fmt: skip
def test_of_an_address_only_its_kind_is_kept(address: str, kept: str) -> None:
    assert tokens.address_class(address) == kept


def test_a_token_says_when_and_from_where_it_was_used_last(ada: User, web: Callable[[User], Client]) -> None:
    client: APIClient = bearer(token_of(ada))
    assert client.get("/api/v1/services/", REMOTE_ADDR="203.0.113.9").status_code == 200
    token = Token.objects.get(owner=ada)
    assert token.last_used_at is not None
    assert token.last_used_from in {"internet", "private"}
    assert client.get("/api/v1/services/", REMOTE_ADDR="8.8.8.8").status_code == 200
    Token.objects.update(last_used_at=None)
    client.get("/api/v1/services/", REMOTE_ADDR="8.8.8.8")
    assert "from the internet" in web(ada).get("/profile/").content.decode()


def _lock(address: str = "198.51.100.7") -> None:
    for _ in range(8):
        Client().post("/sign-in/", {"username": "ada", "password": "wrong"}, REMOTE_ADDR=address)


def test_a_lock_is_seen_and_lifted_by_an_administrator(ada: User, admin: User, web: Callable[[User], Client]) -> None:
    _lock()
    tries = {"username": "ada", "password": WORD}
    assert Client().post("/sign-in/", tries, REMOTE_ADDR="198.51.100.7").status_code == 429
    keeper = web(admin)
    assert "198.51.100.7" in keeper.get("/locked-sign-ins/").content.decode()
    page = keeper.get("/people/ada/").content.decode()
    assert "Signing in from 198.51.100.7 is locked" in page
    api = bearer(token_of(admin))
    (found,) = api.get("/api/v1/lockouts/").json()["results"]
    assert (found["login"], found["address"]) == ("ada", "198.51.100.7")
    assert found["failures"] >= 8
    assert api.post(f"/api/v1/lockouts/{found['id']}/lift/", {}, format="json").status_code == 200
    assert api.get("/api/v1/lockouts/").json()["results"] == []
    assert api.post(f"/api/v1/lockouts/{found['id']}/lift/", {}, format="json").status_code == 404
    assert Client().post("/sign-in/", tries, REMOTE_ADDR="198.51.100.7").status_code == 302
    assert Entry.objects.get(event="user.unlocked").reference == "ada"
    assert Entry.objects.get(event="lockout.lifted").actor_name == "admin"


def test_a_lock_is_lifted_on_the_page_for_that_address_only(
    ada: User, admin: User, web: Callable[[User], Client]
) -> None:
    _lock()
    _lock("198.51.100.8")
    from itsm.accounts.queries.lockouts import lockouts

    first = next(one for one in lockouts() if one.ip_address == "198.51.100.7")
    assert web(admin).post(f"/locked-sign-ins/{first.pk}/lift/").status_code == 302
    assert [one.ip_address for one in lockouts()] == ["198.51.100.8"]


def test_a_lock_of_a_name_that_nobody_has_is_shown_too(admin: User) -> None:
    for _ in range(8):
        Client().post("/sign-in/", {"username": "Root", "password": "wrong"}, REMOTE_ADDR="198.51.100.7")
    (found,) = bearer(token_of(admin)).get("/api/v1/lockouts/").json()["results"]
    assert found["login"] == "root"


def test_every_page_of_people_shows_much_and_little(admin: User, web: Callable[[User], Client], payments: Team) -> None:
    """With history, leads, programs, locks and a team that was merged; and with nothing of it."""
    keeper = web(admin)
    ada = operations.add_user(actor=SYSTEM, username="ada.b+c@d", roles=["engineer"], leads=[payments], manager=admin)
    operations.add_user(actor=SYSTEM, username="robot", roles=[], account_type="service", owner=ada)
    other = operations.add_team(actor=SYSTEM, slug="old", name="<b>Old</b>", members={ada: False})
    operations.merge_teams(other, into=payments, actor=SYSTEM)
    for path in (
        "/people/", "/people/?role=engineer&team=payments&account_type=human&active=", "/people/?text=nobody-here",
        "/people/?active=false", "/people/ada.b+c@d/", "/people/robot/", "/people/robot/edit/", "/people/admin/",
        "/people/ada.b+c@d/edit/", "/people/ada.b+c@d/deactivate/", "/people/ada.b+c@d/rights/", "/people/robot/rights/",
        "/teams/", "/teams/?retired=true", "/teams/?text=none", "/teams/payments/", "/teams/old/", "/new-team/",
        "/new-person/", "/new-person/?program=1", "/import-people/", "/locked-sign-ins/", "/profile/",
    ):  # fmt: skip
        page = keeper.get(path)
        assert page.status_code == 200, path
        assert "<b>Old" not in page.content.decode(), path


def test_the_forms_of_people_and_teams_do_what_they_say(admin: User, web: Callable[[User], Client]) -> None:
    keeper = web(admin)
    assert keeper.post("/new-team/", {"name": "Web", "slug": "web"}).status_code == 302
    assert keeper.post("/new-team/", {"name": "Web", "slug": "web"}).status_code == 409
    team = Team.objects.get(slug="web")
    said = {"login": "ada", "roles": ["engineer"], "teams": [team.pk], "leads": [team.pk], "time_zone": "UTC"}
    assert keeper.post("/new-person/", said).status_code == 302
    assert keeper.post("/new-person/", said).status_code == 409
    ada = User.objects.get(username="ada")
    assert ada.memberships.get().lead
    robot = {"login": "robot", "roles": ["engineer"], "owner": ada.pk}
    assert keeper.post("/new-person/?program=1", robot).status_code == 302
    changed = {"name": "Ada", "roles": ["agent"], "time_zone": "UTC", "version": ada.version}
    assert keeper.post("/people/ada/edit/", changed).status_code == 302
    assert keeper.post("/people/ada/edit/", changed).status_code == 412
    ada.refresh_from_db()
    assert (ada.name, ada.roles, ada.memberships.count()) == ("Ada", ["agent"], 0)
    assert keeper.post("/teams/web/members/", {"person": ada.pk, "lead": "on"}).status_code == 302
    assert keeper.post("/teams/web/members/ada/member/").status_code == 302
    assert not ada.memberships.get().lead
    assert keeper.post("/teams/web/members/ada/remove/").status_code == 302
    team.refresh_from_db()
    assert keeper.post("/teams/web/rename/", {"name": "Site", "version": team.version}).status_code == 302
    assert keeper.post("/people/ada/deactivate/", {"successor": ada.pk}).status_code == 422
    assert keeper.post("/people/ada/deactivate/", {"successor": admin.pk, "reason": "Left"}).status_code == 302
    assert User.objects.get(username="robot").owner == admin
    assert keeper.post("/people/ada/reactivate/").status_code == 302
    assert keeper.post("/people/admin/deactivate/", {}).status_code == 403
    assert keeper.post("/teams/web/retire/").status_code == 302
    assert keeper.post("/teams/web/revive/").status_code == 302
    assert Team.objects.get(slug="web").retired_at is None
