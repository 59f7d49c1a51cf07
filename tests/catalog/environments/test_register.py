"""The register of environments: one name for each, whatever it is called; unknown words are refused with the list."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from catalog.environments import operations
from catalog.environments.models import Environment, EnvironmentWord
from catalog.environments.queries import UnknownEnvironment, canonical, canonical_all, is_production, uses
from changes.models import CalendarWindow, Change
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.audit.models import Entry
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState
from slo.models import Objective
from tests.factories.slo import T0, a_service, an_objective
from tests.slo.openslo.samples import a_document, text_of

pytestmark = pytest.mark.django_db


def environment(name: str) -> Environment:
    return Environment.objects.get(name=name)


@pytest.fixture
def managing(manager: User) -> Actor:
    return actor_for(manager, Door.WEB)


def edit(name: str, actor: Any, **said: Any) -> Environment:
    found = environment(name)
    return operations.edit_environment(found, actor=actor, version=found.version, **said)


@pytest.mark.parametrize(
    ("word", "name"),
    [("production", "production"), ("prod", "production"), (" Live ", "production"), ("stage", "staging"),
     ("QA", "test"), ("dev", "development")],
)  # fmt: skip
def test_every_spelling_means_its_environment(word: str, name: str) -> None:
    assert canonical(word) == name


@pytest.mark.parametrize(
    ("word", "near"),
    [("prodution", ["production"]), ("stagin", ["staging", "sandbox"][:1]), ("zzzz", []), ("", []), ("x" * 500, [])],
)
def test_an_unknown_word_is_refused_with_the_list_and_what_was_perhaps_meant(word: str, near: list[str]) -> None:
    with pytest.raises(UnknownEnvironment) as refused:
        canonical(word)
    assert refused.value.extra["near"][:1] == near
    assert refused.value.extra["known"][:2] == ["development", "integration"]
    assert "production (live, prd, prod)" in refused.value.detail


def test_several_words_for_one_environment_are_one() -> None:
    assert canonical_all(["prod", "production", "stage"]) == ["production", "staging"]


def test_no_word_stands_for_two_environments(managing: Any) -> None:
    with pytest.raises(Conflict, match="production"):
        operations.create_environment(actor=managing, name="eu", aliases=["prod"])
    with pytest.raises(Conflict):
        edit("staging", managing, aliases=["live"])
    with pytest.raises(IntegrityError), transaction.atomic():
        EnvironmentWord.objects.create(word="live", environment=environment("staging"))


def test_the_database_keeps_production_production() -> None:
    with pytest.raises(IntegrityError, match="production_is_judged_as_production"), transaction.atomic():
        Environment.objects.filter(name="production").update(is_production=False)


def test_the_database_keeps_records_in_environments_that_there_are() -> None:
    objective = an_objective(service=a_service())
    with pytest.raises(IntegrityError, match="objective_stands_in"), transaction.atomic():  # noqa: PT012 -- the end looks
        Objective.objects.filter(pk=objective.pk).update(environment="prod")
        connection.check_constraints()  # it is looked at when the transaction ends


@pytest.mark.parametrize("role", ["engineer", "owner", "approver", "auditor", "pipeline"])
def test_others_than_managers_and_administrators_change_nothing(role: str, request: Any) -> None:
    actor = actor_for(request.getfixturevalue(role), Door.WEB)
    with pytest.raises(NotPermitted):
        operations.create_environment(actor=actor, name="eu")
    with pytest.raises(NotPermitted):
        edit("test", actor, aliases=[])
    with pytest.raises(NotPermitted):
        operations.remove_environment(environment("test"), actor=actor, version=1)


def test_every_write_is_in_the_history(managing: Any) -> None:
    made = operations.create_environment(actor=managing, name="eu-production", aliases=["eu"], is_production=True)
    edit("eu-production", managing, aliases=["europe"], description="Customers in Europe")
    operations.remove_environment(environment("eu-production"), actor=managing, version=2)
    events = Entry.objects.filter(record_kind="environment", record_id=str(made.pk)).order_by("id")
    assert [one.event for one in events] == [
        "environment.created", "environment.renamed", "environment.edited", "environment.removed",
    ]  # fmt: skip


def test_the_same_edit_again_is_no_news(managing: Any) -> None:
    before = Entry.objects.count()
    edit("staging", managing, aliases=["stage", "stg"], description=environment("staging").description)
    assert Entry.objects.count() == before


def test_what_something_stands_in_is_not_removed(managing: Any) -> None:
    an_objective(service=a_service(), environment="stage")
    assert uses("staging") == ["1 objective"]
    with pytest.raises(WrongState, match="1 objective"):
        operations.remove_environment(environment("staging"), actor=managing, version=1)
    with pytest.raises(WrongState, match="name no environment"):
        operations.remove_environment(environment("production"), actor=managing, version=1)


class TestTakingOneOutOfProduction:
    """It makes every answer there kinder."""

    @pytest.fixture
    def europe(self, managing: Any) -> Environment:
        return operations.create_environment(actor=managing, name="production-eu", is_production=True)

    def test_an_empty_one_is_changed_at_once(self, europe: Environment, managing: Any) -> None:
        assert edit("production-eu", managing, is_production=False).awaits is None
        assert not is_production("production-eu")

    def test_one_in_use_waits_for_a_second_person(self, europe: Environment, managing: Any, admin: Any) -> None:
        an_objective(service=a_service(), environment="production-eu")
        waits = edit("production-eu", managing, is_production=False).awaits
        assert waits is not None
        assert is_production("production-eu")
        with pytest.raises(NotPermitted):
            confirming.confirm(waits, actor=managing, at=T0, version=1)
        confirming.confirm(waits, actor=actor_for(admin, Door.WEB), at=T0, version=1)
        assert not is_production("production-eu")
        assert Confirmation.objects.get().status == "confirmed"

    def test_production_itself_stays_so(self, managing: Any) -> None:
        with pytest.raises(InvalidInput, match="always"):
            edit("production", managing, is_production=False)

    def test_a_word_that_production_gives_up_waits_as_well(self, managing: Any, admin: Any) -> None:
        """Else "prod" becomes another name of staging in two edits, while pipelines go on saying it."""
        an_objective(service=a_service(), environment="production")
        waits = edit("production", managing, aliases=["live", "prd"]).awaits
        assert waits is not None
        assert canonical("prod") == "production"
        assert [one["what"] for one in waits.differences] == ["Also called"]
        with pytest.raises(Conflict):
            edit("staging", managing, aliases=["stage", "stg", "prod"])
        confirming.confirm(waits, actor=actor_for(admin, Door.WEB), at=T0, version=1)
        assert environment("production").aliases == ["live", "prd"]

    def test_more_words_for_production_and_fewer_elsewhere_hold_at_once(self, managing: Any) -> None:
        an_objective(service=a_service(), environment="production")
        assert edit("production", managing, aliases=["live", "prd", "prod", "shop"]).awaits is None
        assert canonical("shop") == "production"
        assert edit("staging", managing, aliases=[]).awaits is None

    def test_the_second_person_reads_all_that_comes_along(self, europe: Environment, managing: Any) -> None:
        an_objective(service=a_service(), environment="production-eu")
        waits = edit("production-eu", managing, is_production=False, aliases=["emea"], description="X").awaits
        assert waits is not None
        assert [one["what"] for one in waits.differences] == ["Judged as production", "Also called", "Description"]


class TestAWordThatNobodyKnewBefore:
    """A pipeline that says it was refused until now; what runs in production is not asked about under another name."""

    @pytest.fixture(autouse=True)
    def measured(self) -> None:
        an_objective(service=a_service(), environment="production")

    def test_a_new_environment_is_judged_as_production_until_a_second_person_says_otherwise(
        self, managing: Any, admin: Any
    ) -> None:
        waits = operations.create_environment(actor=managing, name="prod-eu", aliases=["eu"]).awaits
        assert waits is not None
        assert is_production("prod-eu")
        with pytest.raises(NotPermitted):
            confirming.confirm(waits, actor=managing, at=T0, version=1)
        confirming.confirm(waits, actor=actor_for(admin, Door.WEB), at=T0, version=1)
        assert not is_production("prod-eu")

    def test_a_new_production_needs_nobody_else(self, managing: Any) -> None:
        assert operations.create_environment(actor=managing, name="prod-eu", is_production=True).awaits is None

    def test_nor_does_the_command_of_whoever_runs_the_server(self) -> None:
        assert operations.create_environment(actor=Actor.system("environment", Door.COMMAND), name="uat").awaits is None
        assert not is_production("uat")

    def test_a_new_word_for_staging_waits_too(self, managing: Any, admin: Any) -> None:
        waits = edit("staging", managing, aliases=["stage", "stg", "prod-eu"]).awaits
        assert waits is not None
        assert "prod-eu" in waits.subject
        with pytest.raises(UnknownEnvironment):
            canonical("prod-eu")
        confirming.confirm(waits, actor=actor_for(admin, Door.WEB), at=T0, version=1)
        assert canonical("prod-eu") == "staging"

    @pytest.mark.parametrize(("word", "refusal"), [("prod", Conflict), ("x y", InvalidInput)])
    def test_a_word_that_cannot_be_taken_waits_for_nobody(self, word: str, refusal: Any, managing: Any) -> None:
        with pytest.raises(refusal):
            edit("staging", managing, aliases=[word])

    def test_staging_that_is_to_be_judged_as_production_takes_its_words_at_once(self, managing: Any) -> None:
        assert edit("staging", managing, aliases=["prod-eu"], is_production=True).awaits is None

    def test_doors_say_that_it_waits(self, api: Any, web: Any, manager: Any) -> None:
        sent = api(manager).post("/api/v1/environments/", {"name": "eu"}, format="json")
        assert (sent.status_code, sent.json()["confirmation"]["differences"][0]["after"]) == (202, "no")
        page = web(manager).post("/environments/", {"name": "uat"}, follow=True)
        assert "Until a second person confirms" in page.content.decode()


class TestDoors:
    def test_rest_lists_makes_edits_and_removes(self, api: Any, manager: Any, requester: Any) -> None:
        listed = api(requester).get("/api/v1/environments/").json()["results"]
        assert {one["name"] for one in listed} >= {"production", "staging", "test", "development"}
        client = api(manager)
        made = client.post("/api/v1/environments/", {"name": "eu", "aliases": ["europe"]}, format="json")
        assert (made.status_code, made.json()["aliases"]) == (201, ["europe"])
        edited = client.patch(
            "/api/v1/environments/eu/", {"aliases": ["emea"], "is_production": True}, format="json", HTTP_IF_MATCH='"1"'
        )
        assert (edited.status_code, edited.json()["aliases"], edited.json()["is_production"]) == (200, ["emea"], True)
        gone = client.delete("/api/v1/environments/eu/", HTTP_IF_MATCH=edited["ETag"])
        assert gone.status_code == 204
        assert client.get("/api/v1/environments/eu/").status_code == 404

    def test_pages_show_it_to_all_and_the_form_to_keepers(self, web: Any, manager: Any, engineer: Any) -> None:
        page = web(engineer).get("/environments/").content.decode()
        assert "live prd prod" in page
        assert "Add an environment" not in page
        client = web(manager)
        assert client.post("/environments/", {"name": "eu", "aliases": "emea europe"}).status_code == 302
        assert environment("eu").aliases == ["emea", "europe"]
        assert client.post("/environments/", {"name": "eu"}).status_code == 409
        edited = client.post("/environments/eu/", {"version": 1, "aliases": "emea", "is_production": "on"})
        assert edited.status_code == 302
        assert environment("eu").is_production
        assert client.post("/environments/eu/remove/", {"version": environment("eu").version}).status_code == 302
        assert not Environment.objects.filter(name="eu").exists()

    def test_a_form_sent_with_nothing_in_it_says_what_it_lacks(self, web: Any, manager: Any) -> None:
        page = web(manager).post("/environments/", {})
        assert page.status_code == 422
        assert "This field is required." in page.content.decode()

    def test_the_command_does_the_same(self, capsys: Any) -> None:
        call_command("environment", "add", "eu", "--alias", "europe", "--production")
        call_command("environment", "edit", "europe", "--no-production")
        last = [json.loads(line) for line in capsys.readouterr().out.splitlines()][-1]
        assert last == {"name": "eu", "aliases": ["europe"], "is_production": False, "uses": []}
        call_command("environment", "remove", "eu")
        assert not Environment.objects.filter(name="eu").exists()


class TestEveryDoorRefusesAnUnknownOne:
    """400 with a pointer to the field, the list and what was perhaps meant; nothing is judged as unmeasured."""

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            ("gate-evaluations/", {"service": "shop", "summary": "Deploy", "environment": "prodution"}),
            ("slos/", {"slug": "x", "name": "X", "service": "shop", "target": "0.9", "environment": "prodution",
                       "indicator": {"slug": "x", "source": "push"}}),
            ("change-models/", {"slug": "x", "service": "shop", "environments": ["prodution"]}),
            ("calendar-windows/", {"kind": "freeze", "name": "X", "reason": "X", "scope": {"environments": ["prodution"]},
                                   "starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-01-02T00:00:00Z"}),
        ],
    )  # fmt: skip
    def test_in_a_body(self, api: Any, admin: Any, path: str, body: dict[str, Any]) -> None:
        a_service(slug="shop")
        answer = api(admin).post(f"/api/v1/{path}", body, format="json")
        assert answer.status_code == 400
        assert answer.json()["type"] == "/problems/invalid-input"
        [wrong] = answer.json()["errors"]
        assert wrong["pointer"] in {"/environment", "/environments/0", "/scope/environments/0"}
        assert "Did you mean production?" in wrong["detail"]
        assert "staging (stage, stg)" in wrong["detail"]

    @pytest.mark.parametrize("path", ["slos/", "changes/", "services/shop/gate/"])
    def test_in_a_query(self, api: Any, engineer: Any, path: str) -> None:
        a_service(slug="shop")
        answer = api(engineer).get(f"/api/v1/{path}?environment=prodution")
        assert answer.status_code == 400
        assert "Did you mean production?" in answer.json()["errors"][0]["detail"]
        assert api(engineer).get(f"/api/v1/{path}?environment=prod").status_code == 200

    def test_a_page_that_is_narrowed_to_one_shows_nothing(self, web: Any, engineer: Any) -> None:
        an_objective(service=a_service(), name="The objective")
        assert "The objective" in web(engineer).get("/slos/?environment=prod").content.decode()
        assert "The objective" not in web(engineer).get("/slos/?environment=nowhere").content.decode()

    def test_in_an_openslo_file(self, api: Any, engineer: Any) -> None:
        a_service(slug="web")
        noted = {"headroom/environment": "prodution"}
        text = text_of(a_document("DataSource", "prom"), a_document("SLO", "x", metadata__annotations=noted))
        answer = api(engineer).generic("POST", "/api/v1/openslo/", text, "application/yaml")
        [wrong] = answer.json()["errors"]
        assert "Did you mean production?" in str(wrong)
        named = text.replace("prodution", "prod")
        assert api(engineer).generic("POST", "/api/v1/openslo/", named, "application/yaml").status_code == 200
        assert Objective.objects.get(slug="x").environment == "production"
        again = api(engineer).generic("POST", "/api/v1/openslo/", named, "application/yaml").json()
        assert again["unchanged"] == ["prom", "x"], again

    def test_aliases_are_kept_as_the_name(self, api: Any, admin: Any, engineer: Any) -> None:
        a_service(slug="shop")
        question = {"service": "shop", "summary": "Deploy", "environment": "LIVE"}
        assert api(engineer).post("/api/v1/gate-evaluations/", question, format="json").status_code == 202
        assert Change.objects.get().environment == "production"
        window = {
            "kind": "freeze", "name": "X", "reason": "X", "scope": {"environments": ["prod", "live"]},
            "starts_at": "2030-01-01T00:00:00Z", "ends_at": "2030-01-02T00:00:00Z",
        }  # fmt: skip
        assert api(admin).post("/api/v1/calendar-windows/", window, format="json").status_code == 201
        assert CalendarWindow.objects.get().environments == ["production"]
