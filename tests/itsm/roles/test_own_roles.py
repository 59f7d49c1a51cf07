"""Own roles made, given, widened, narrowed and retired: over REST, and what the database and four eyes hold."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts.actors import actor_for
from itsm.accounts.models import OwnRole, User
from itsm.accounts.operations import add_user, edit_person
from itsm.accounts.operations.checks import known_roles
from itsm.accounts.operations.importing import import_people
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.raised import raised_by
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor, Door, Kind, Role
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, PasswordNeeded, WrongState
from itsm.roles import operations, queries
from tests.itsm.rivals import rivals
from tests.together import each_of

pytestmark = pytest.mark.django_db
NOW = timezone.now


@pytest.fixture
def second(person: Callable[..., User]) -> User:
    """Another administrator, who can sign in and has been one for long."""
    user = person("admin", username="second")
    user.set_password("a-word-that-is-long")
    user.save()
    return user


@pytest.fixture
def night(admin: User, as_actor: Callable[..., Actor]) -> OwnRole:
    return operations.make_role(actor=as_actor(admin), at=NOW(), name="Night desk", rights=["incidents.respond"])


def given(user: User, *roles: OwnRole) -> User:
    user.own_roles = [one.slug for one in roles]
    user.save(update_fields=["own_roles"])
    return User.objects.get(pk=user.pk)


def test_a_role_is_made_read_and_given_over_rest(
    admin: User, requester: User, agent: User, api: Callable[..., APIClient]
) -> None:
    keeps = api(admin)
    said = {"name": "Night desk", "rights": ["incidents.respond"]}
    made = keeps.post("/api/v1/roles/", said, format="json", HTTP_IDEMPOTENCY_KEY="one")
    assert made.status_code == 201, made.json()
    assert made.json()["slug"] == "night-desk"
    assert made.json()["rights"] == ["desk.work", "incidents.respond"]
    etag = keeps.get("/api/v1/people/requester/")["ETag"]
    answer = keeps.patch("/api/v1/people/requester/", {"own_roles": ["night-desk"]}, format="json", HTTP_IF_MATCH=etag)
    assert answer.status_code == 200, answer.json()
    assert keeps.get("/api/v1/roles/night-desk/").json()["holders"] == 1
    works = api(requester)
    assert works.get("/api/v1/people/agent/").status_code == 200  # works here, and sees who does
    assert keeps.get("/api/v1/roles/rights/").status_code == 200
    for client in (works, api(agent)):
        assert client.get("/api/v1/roles/").status_code == 403
        assert client.post("/api/v1/roles/", said, format="json", HTTP_IDEMPOTENCY_KEY="2").status_code == 403


@each_of(
    ("said", "names"),
    [
        ({"name": "X", "rights": []}, "rights"),
        ({"name": "X", "rights": ["incidents.respnd"]}, "incidents.respond"),
        ({"name": "\u200b", "rights": ["desk.work"]}, "name"),
        ({"name": "X" * 101, "rights": ["desk.work"]}, "name"),
        ({"name": "X", "slug": "No Slug", "rights": ["desk.work"]}, "slug"),
        ({"name": "X", "rights": ["accounts.administrators"]}, "no right called"),
    ],
)
def test_what_is_no_role_is_refused_with_a_reason(
    said: dict[str, Any], names: str, admin: User, api: Callable[..., APIClient]
) -> None:
    answer = api(admin).post("/api/v1/roles/", said, format="json", HTTP_IDEMPOTENCY_KEY="k")
    assert answer.status_code == 400, answer.json()
    assert names in str(answer.json())


def test_only_administrators_in_person_keep_roles(
    admin: User, manager: User, auditor: User, as_actor: Callable[..., Actor], person: Callable[..., User]
) -> None:
    program = person("admin", username="robot", account_type="service")
    for user in (manager, auditor, program):
        with pytest.raises(NotPermitted):
            operations.make_role(actor=as_actor(user), at=NOW(), name="X", rights=["desk.work"])
    operations.make_role(actor=as_actor(admin), at=NOW(), name="X", rights=["desk.work"])
    with pytest.raises(Conflict):
        operations.make_role(actor=as_actor(admin), at=NOW(), name="X", rights=["desk.work"])


def test_nobody_gives_a_role_to_themselves_or_to_a_program_of_theirs(
    admin: User, night: OwnRole, person: Callable[..., User], as_actor: Callable[..., Actor]
) -> None:
    mine = person("engineer", username="mine", account_type="service", owner=admin)
    for user in (admin, mine):
        with pytest.raises(NotPermitted, match="to themselves"):
            edit_person(user, actor=as_actor(admin), version=None, version_required=False, own_roles=["night-desk"])


def test_a_program_gives_nobody_an_own_role(
    night: OwnRole, agent: User, person: Callable[..., User], as_actor: Callable[..., Actor]
) -> None:
    robot = as_actor(person("admin", username="robot", account_type="service"))
    with pytest.raises(NotPermitted, match="Programs give"):
        edit_person(agent, actor=robot, version=None, version_required=False, own_roles=["night-desk"])
    with pytest.raises(NotPermitted, match="Programs give"):
        add_user(actor=robot, username="fresh", roles=["requester"], own_roles=["night-desk"])


def test_who_only_reads_gets_no_own_role(
    admin: User, auditor: User, requester: User, night: OwnRole, as_actor: Callable[..., Actor]
) -> None:
    actor = as_actor(admin)
    with pytest.raises(InvalidInput, match="reads only"):
        edit_person(auditor, actor=actor, version=None, version_required=False, own_roles=["night-desk"])
    edit_person(requester, actor=actor, version=None, version_required=False, own_roles=["night-desk"])
    with pytest.raises(InvalidInput, match="reads only"):
        edit_person(requester, actor=actor, version=None, version_required=False, roles=["auditor"])


def test_what_is_there_no_more_is_not_given(
    admin: User, agent: User, night: OwnRole, as_actor: Callable[..., Actor]
) -> None:
    actor = as_actor(admin)
    operations.retire_role(night, actor=actor, version=1, at=NOW())
    for slug in ("night-desk", "no-such"):
        with pytest.raises(InvalidInput, match="no own role"):
            edit_person(agent, actor=actor, version=None, version_required=False, own_roles=[slug])
    with pytest.raises(WrongState):
        operations.edit_role(night, actor=actor, at=NOW(), version=2, name="Other")


def test_the_database_knows_own_roles_and_keeps_their_names(night: OwnRole, agent: User) -> None:
    for statement in (
        "UPDATE accounts_user SET own_roles = '{no-such}' WHERE username = 'agent'",
        "UPDATE accounts_ownrole SET slug = 'other'",
        "DELETE FROM accounts_ownrole",
        "UPDATE accounts_ownrole SET retired_at = now(); UPDATE accounts_ownrole SET retired_at = NULL",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_widening_waits_for_a_second_administrator_and_narrowing_does_not(
    admin: User, second: User, requester: User, night: OwnRole, as_actor: Callable[..., Actor]
) -> None:
    actor = as_actor(admin)
    given(requester, night)
    kept = operations.edit_role(night, actor=actor, at=NOW(), version=1, rights=["incidents.close", "knowledge.write"])
    assert kept.rights == ["desk.work"]  # what was taken away is gone at once
    assert kept.awaits is not None
    assert actor_for(requester, Door.TASK).rights == {"desk.work"}
    with pytest.raises(NotPermitted, match="Four eyes"):
        confirming.confirm(kept.awaits, actor=actor, at=NOW(), version=1)
    confirming.confirm(kept.awaits, actor=as_actor(second), at=NOW(), version=1)
    assert actor_for(requester, Door.TASK).rights == {"desk.work", "incidents.close", "knowledge.write"}


def test_the_only_administrator_shows_who_they_are_to_widen(
    admin: User, night: OwnRole, as_actor: Callable[..., Actor]
) -> None:
    bare = actor_for(admin, Door.WEB)
    with pytest.raises(PasswordNeeded):
        operations.edit_role(night, actor=bare, at=NOW(), version=1, rights=["incidents.respond", "services.keep"])
    night.refresh_from_db()
    assert night.rights == ["desk.work", "incidents.respond"]
    kept = operations.edit_role(
        night, actor=as_actor(admin), at=NOW(), version=1, rights=["incidents.respond", "services.keep"]
    )
    assert kept.awaits is None
    assert OwnRole.objects.get().rights == ["desk.work", "incidents.respond", "services.keep"]


def test_a_role_retired_meanwhile_is_not_widened(
    admin: User, second: User, night: OwnRole, as_actor: Callable[..., Actor]
) -> None:
    waits = operations.edit_role(
        night, actor=as_actor(admin), at=NOW(), version=1, rights=["incidents.respond", "services.keep"]
    ).awaits
    operations.retire_role(OwnRole.objects.get(), actor=as_actor(second), version=1, at=NOW())
    with pytest.raises(WrongState):
        confirming.confirm(waits, actor=as_actor(second), at=NOW(), version=1)
    assert Confirmation.objects.get().status == "proposed"


def test_who_made_widened_or_gave_a_role_made_its_holders_able(
    admin: User, second: User, night: OwnRole, person: Callable[..., User], as_actor: Callable[..., Actor]
) -> None:
    User.objects.update(created_at=NOW() - timedelta(days=30))
    holder = person("manager", username="holder")
    assert raised_by(holder.pk, [admin.pk]) is None
    edit_person(holder, actor=as_actor(second), version=None, version_required=False, own_roles=["night-desk"])
    assert raised_by(holder.pk, [second.pk]) == "second"  # who gave it
    assert raised_by(holder.pk, [admin.pk]) == "admin"  # who made it
    other = person("approver", username="other")
    old = OwnRole.objects.create(slug="old", name="Old", rights=["desk.work"])
    given(other, old)
    assert raised_by(other.pk, [admin.pk, second.pk]) is None
    waits = operations.edit_role(
        old, actor=as_actor(second), at=NOW(), version=1, rights=["desk.work", "services.keep"]
    ).awaits
    assert raised_by(other.pk, [second.pk]) == "second"
    assert raised_by(other.pk, [admin.pk]) is None
    confirming.confirm(waits, actor=as_actor(admin), at=NOW(), version=1)
    assert raised_by(other.pk, [admin.pk]) == "admin"


def test_taking_a_role_away_raises_nobody(
    admin: User, night: OwnRole, person: Callable[..., User], as_actor: Callable[..., Actor]
) -> None:
    User.objects.update(created_at=NOW() - timedelta(days=30))
    holder = given(person("manager", username="holder"), night)
    edit_person(holder, actor=as_actor(admin), version=None, version_required=False, own_roles=[])
    assert raised_by(holder.pk, [admin.pk]) is None


def test_a_right_that_was_taken_is_gone_with_the_next_request(
    admin: User, requester: User, night: OwnRole, api: Callable[..., APIClient], as_actor: Callable[..., Actor]
) -> None:
    given(requester, night)
    works = api(requester)
    assert works.get("/api/v1/problems/").status_code == 200
    operations.retire_role(night, actor=as_actor(admin), version=1, at=NOW())
    assert works.get("/api/v1/problems/").status_code == 403


def test_own_roles_cost_no_statement_more(
    requester: User, night: OwnRole, api: Callable[..., APIClient], web: Callable[..., Any]
) -> None:
    for client, address in ((api(requester), "/api/v1/services/"), (web(requester), "/profile/")):
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as before:
            client.get(address)
        given(requester, OwnRole.objects.create(slug=f"r{len(address)}", name=f"R {len(address)}", rights=[]))
        with CaptureQueriesContext(connection) as after:
            client.get(address)
        assert len(after) == len(before)
        given(requester)


def test_several_roles_add_up_and_a_token_still_narrows(requester: User, api: Callable[..., APIClient]) -> None:
    one = OwnRole.objects.create(slug="one", name="One", rights=["desk.work", "incidents.respond"])
    two = OwnRole.objects.create(slug="two", name="Two", rights=["desk.work", "services.keep"])
    user = given(requester, one, two)
    assert actor_for(user, Door.API).rights == {"desk.work", "incidents.respond", "services.keep"}
    narrow = api(user, "read")
    assert narrow.get("/api/v1/problems/").status_code == 200
    said = {"slug": "x", "name": "X", "tier": "standard"}
    assert narrow.post("/api/v1/services/", said, format="json").status_code == 403


def test_who_holds_one_can_be_given_work(requester: User, night: OwnRole) -> None:
    assert not assignable().filter(pk=requester.pk).exists()
    given(requester, night)
    assert assignable().filter(pk=requester.pk).exists()


def test_a_table_of_people_names_own_roles(admin: User, night: OwnRole, as_actor: Callable[..., Actor]) -> None:
    table = "login,roles,own_roles\nkim,requester,Night desk\nlou,requester,nightdesk\n"
    found = import_people(table, actor=as_actor(admin), keep=False)
    assert found.results[0].changes["own_roles"] == ["", "night-desk"]
    assert "no own role" in found.results[1].wrong[0]


def test_who_is_touched_by_other_rights(night: OwnRole, requester: User, agent: User) -> None:
    given(requester, night)
    given(agent, night)
    found = queries.who_is_touched(night, ["services.keep"])
    told = {one.person.username: ([r.name for r in one.gains], [r.name for r in one.loses]) for one in found}
    assert told == {
        "requester": (["services.keep"], ["incidents.respond"]),
        "agent": (["services.keep"], []),  # works on incidents by the built-in role
    }


def test_no_own_role_is_a_built_in_one() -> None:
    with pytest.raises(InvalidInput):
        known_roles(["night-desk"])
    assert not Actor(id=1, name="x", kind=Kind.HUMAN, rights=frozenset({"desk.work"})).has(Role.AUDITOR)


def test_the_page_of_rights_says_which_named_right_it_was(
    admin: User, requester: User, night: OwnRole, api: Callable[..., APIClient], web: Callable[..., Any]
) -> None:
    given(requester, night)
    told = api(admin).get("/api/v1/people/requester/rights/").json()
    assert told["own_roles"] == ["night-desk"]
    steps = {f"{one['record']}.{one['step']}": one for one in told["steps"]}
    assert steps["public_incident.update"]["allowed"] is False
    assert (
        steps["incident.acknowledge"]["because"] == []
        or "incidents.respond" in steps["incident.acknowledge"]["because"]
    )
    asked = {f"{one['action']} {one['path']}": one["because"] for one in told["requests"]}
    assert asked["list /api/v1/problems/"] == ["desk.work"]
    assert asked["create /api/v1/incidents/"] == []  # needs no role at all
    page = web(admin).get("/people/requester/rights/")
    assert page.status_code == 200
    assert b"night-desk" in page.content
    assert [one["login"] for one in api(admin).get("/api/v1/people/?own_role=night-desk").json()["results"]] == [
        "requester"
    ]


@pytest.mark.parametrize("slug", [1, 2**63, "Night", ""])
def test_a_slug_is_a_text_of_its_shape(admin: User, api: Any, slug: object) -> None:
    said = {"name": "Night desk", "slug": slug, "rights": ["requests.fulfil"]}
    answer = api(admin).post("/api/v1/roles/", said, format="json", HTTP_IDEMPOTENCY_KEY="shape")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/slug")


class TestTwoOfOneName:
    @pytest.mark.parametrize("said", ["night\u00a0\u2003DESK", "Night\u200b desk ", "\uff2eight desk"])
    def test_is_refused_however_it_is_written(
        self, said: str, admin: User, night: OwnRole, as_actor: Callable[..., Actor]
    ) -> None:
        root = as_actor(admin)
        with pytest.raises(Conflict, match="called"):
            operations.make_role(actor=root, at=NOW(), name=said, slug="other", rights=["desk.work"])
        other = operations.make_role(actor=root, at=NOW(), name="Other", rights=["desk.work"])
        with pytest.raises(Conflict, match="called"):
            operations.edit_role(other, actor=root, at=NOW(), version=1, name=said)
        operations.edit_role(night, actor=root, at=NOW(), version=1, name=said)  # its own, written otherwise

    @pytest.mark.parametrize("said", ["Administrator", "ADMIN", "change  manager", "\uff41pprover"])
    def test_a_built_in_role_is_one(self, said: str, admin: User, as_actor: Callable[..., Actor]) -> None:
        with pytest.raises(InvalidInput) as refused:
            operations.make_role(actor=as_actor(admin), at=NOW(), name=said, slug="other", rights=["desk.work"])
        assert "name" in refused.value.errors

    def test_is_refused_by_the_database_where_another_was_quicker(
        self, admin: User, night: OwnRole, as_actor: Callable[..., Actor], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = as_actor(admin)
        other = operations.make_role(actor=root, at=NOW(), name="Other", rights=["desk.work"])
        monkeypatch.setattr(operations, "checked_name", lambda name, mine=None: name)
        with pytest.raises(Conflict, match="called NIGHT desk"):
            operations.make_role(actor=root, at=NOW(), name="NIGHT desk", slug="third", rights=["desk.work"])
        with pytest.raises(Conflict, match="called NIGHT desk"):
            operations.edit_role(other, actor=root, at=NOW(), version=1, name="NIGHT desk")

    def test_is_none_once_the_first_is_retired(
        self, admin: User, night: OwnRole, as_actor: Callable[..., Actor]
    ) -> None:
        root = as_actor(admin)
        operations.retire_role(night, actor=root, version=1, at=NOW())
        operations.make_role(actor=root, at=NOW(), name="Night desk", slug="night-2", rights=["desk.work"])


class TestANameThatIsAnotherSlug:
    """A table of people, an address and a mapping name a role by either."""

    def test_is_refused_as_a_name(self, admin: User, night: OwnRole, as_actor: Callable[..., Actor]) -> None:
        root = as_actor(admin)
        other = operations.make_role(actor=root, at=NOW(), name="Other", rights=["desk.work"])
        for said in ("night-desk", "NIGHT-desk\u200b "):
            with pytest.raises(Conflict, match="called"):
                operations.make_role(actor=root, at=NOW(), name=said, slug="wide", rights=["desk.work"])
            with pytest.raises(Conflict, match="called"):
                operations.edit_role(other, actor=root, at=NOW(), version=1, name=said)
        operations.edit_role(night, actor=root, at=NOW(), version=1, name="night-desk")  # its own slug

    @pytest.mark.parametrize("slug", ["wide", ""])
    def test_is_refused_as_a_slug(self, slug: str, admin: User, as_actor: Callable[..., Actor]) -> None:
        root = as_actor(admin)
        first = operations.make_role(actor=root, at=NOW(), name="wide", slug="first", rights=["desk.work"])
        said = "Much" if slug else "Wide!"  # which gives the slug "wide"
        with pytest.raises(Conflict, match="called"):
            operations.make_role(actor=root, at=NOW(), name=said, slug=slug, rights=["desk.work"])
        operations.retire_role(first, actor=root, version=1, at=NOW())
        operations.make_role(actor=root, at=NOW(), name=said, slug=slug, rights=["desk.work"])

    @pytest.mark.parametrize("late", ["a", "z"])
    def test_gives_by_a_table_what_the_slug_says(
        self, late: str, admin: User, night: OwnRole, as_actor: Callable[..., Actor]
    ) -> None:
        """Whatever stands since two administrators were as quick as each other."""
        OwnRole.objects.create(slug=f"{late}-wide", name="night-desk", rights=["desk.work", "changes.build"])
        text = "login;own roles\nnadia;night-desk\nnils;NIGHT\u00a0desk\n"
        found = import_people(text, actor=as_actor(admin), keep=True)
        assert [one.wrong for one in found.results] == [[], []]
        assert [User.objects.get(username=one).own_roles for one in ("nadia", "nils")] == [["night-desk"]] * 2


class TestTheFormSaysWhichOfItsFields:
    @pytest.mark.parametrize("said", ["Requester", "admin", "New", "why"])
    def test_when_a_name_is_none(self, said: str, admin: User, web: Any) -> None:
        answer = web(admin).post("/settings/roles/new/", {"name": said, "rights": ["desk.work"]})
        form = answer.context["form"]
        assert (answer.status_code, [*form.errors]) == (400, ["name"])

    def test_what_the_database_refuses_of_no_name_is_said_of_none(
        self, admin: User, night: OwnRole, as_actor: Callable[..., Actor], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(operations, "_description", lambda text: None)
        with pytest.raises(IntegrityError, match="description"):
            operations.edit_role(night, actor=as_actor(admin), at=NOW(), version=1, description="x")


@pytest.mark.parametrize("name", ["Night desk,", "|Night desk", "Night; desk", "Night\ndesk"])
def test_no_role_is_called_with_a_sign_that_parts_names_in_a_table_of_people(
    name: str, admin: User, as_actor: Callable[..., Actor]
) -> None:
    """Its cell would give what another role of the rest of its name may."""
    with pytest.raises(InvalidInput, match="No comma, semicolon or bar"):
        operations.make_role(actor=as_actor(admin), at=timezone.now(), name=name, rights=["desk.work"])


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_none_is_called_as_the_slug_of_the_other(admin: User, as_actor: Callable[..., Actor]) -> None:
    def make(name: str, slug: str) -> OwnRole:
        return operations.make_role(
            actor=as_actor(admin), at=timezone.now(), name=name, slug=slug, rights=["desk.work"]
        )

    with rivals() as begin:
        with transaction.atomic():
            make("night-desk", "one")
            other = begin(lambda: make("Other", "night-desk"))
            assert other.waits()
        with pytest.raises(Conflict, match="night-desk"):
            other.result()
