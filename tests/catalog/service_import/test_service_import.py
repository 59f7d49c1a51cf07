"""A table of services: read line by line, shown before it is kept, all rows or none."""

from typing import Any

import pytest

from catalog.models import Service
from catalog.service_import import operations
from catalog.service_import.formats import read_services
from catalog.service_import.operations import ImportPlan, import_services
from catalog.services.queries import dependencies_of
from itsm.accounts.actors import actor_for
from itsm.accounts.models import Team, User
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotPermitted
from itsm.locks import taken_back
from tests.factories.slo import a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db
TABLE = """name,team,owner,criticality,dependencies,description
Checkout,Payments,agent,1,Ledger; 1/Card A|Card B,Takes the money
Ledger,payments,,tier 2,,
Card A,,,,,
Card B,,,background,,
"""


@pytest.fixture
def admins(admin: User, payments: Team, agent: User) -> Actor:
    return actor_for(admin, Door.WEB)


def actions(plan: ImportPlan) -> list[str]:
    return [row.action for row in plan.rows]


def test_a_table_becomes_services_and_the_same_again_nothing(admins: Actor) -> None:
    plan = import_services(TABLE, actor=admins)
    assert plan.written, [row.problems for row in plan.rows]
    assert actions(plan) == ["create"] * 4
    checkout = Service.objects.get(slug="checkout")
    assert (checkout.tier, str(checkout.owner), checkout.description) == (1, "agent", "Takes the money")
    arrows = dependencies_of([checkout.pk])[checkout.pk]
    assert {(one.on_slug, one.needs) for one in arrows} == {("ledger", 1), ("card-a", 1), ("card-b", 1)}
    assert sum(bool(one.redundancy) for one in arrows) == 2
    assert list(Service.objects.order_by("slug").values_list("tier", flat=True)) == [3, 4, 1, 2]
    assert actions(import_services(TABLE, actor=admins)) == ["unchanged"] * 4


def test_a_dry_run_keeps_nothing(admins: Actor) -> None:
    plan = import_services(TABLE, actor=admins, dry_run=True)
    assert plan.is_clean
    assert not plan.written
    assert not Service.objects.exists()


def test_looking_says_the_same_as_doing(admins: Actor) -> None:
    import_services(TABLE, actor=admins)
    table = TABLE.replace("Card B,,,background,,", "Card B,Payments,,3,Ledger,").replace(
        "Checkout,Payments", "Checkout Two,Payments"
    )
    looked, done = (import_services(table, actor=admins, dry_run=dry) for dry in (True, False))
    assert [(row.action, row.changes) for row in looked.rows] == [(row.action, row.changes) for row in done.rows]
    assert actions(done) == ["create", "unchanged", "unchanged", "update"]


def test_looking_holds_no_team_and_no_service_that_is_there(
    admins: Actor, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    import_services(TABLE, actor=admins)
    taken: list[bool] = []

    def noted(rehearsal: bool) -> Any:
        taken.append(rehearsal)
        return taken_back(rehearsal)

    monkeypatch.setattr(operations, "taken_back", noted)
    import_services("name,team,tier,dependencies\nLedger,,1,Card A\nNew,Payments,,Ledger\n", actor=admins, dry_run=True)
    assert taken == [True] * 4, "the edit, the team of the new one, and the arrows of both"


def test_an_empty_cell_leaves_what_there_is(admins: Actor) -> None:
    import_services(TABLE, actor=admins)
    plan = import_services("name;tier;team\nLedger;1;\nCard A;;\n", actor=admins)
    assert actions(plan) == ["update", "unchanged"]
    ledger = Service.objects.get(slug="ledger")
    assert (ledger.tier, str(ledger.team)) == (1, "Payments")


def test_what_would_be_kinder_waits_for_a_second_person(admins: Actor) -> None:
    a_service(slug="ledger", name="Ledger", tier=1)
    assert actions(import_services("name,tier\nLedger,4\n", actor=admins)) == ["waits"]
    assert Service.objects.get().tier == 1
    assert Confirmation.objects.count() == 1


@each_of(
    ("row", "said"),
    [
        (",,,,,", None),
        ("X,Paiments,,,,", "There is no team “Paiments”. Did you mean payments?"),
        ("X,,nobody,,,", "There is no person “nobody”."),
        ("X,,,huge,,", "“huge” is no tier"),
        ("X,,,5,,", "“5” is no tier"),
        ("X,,,,Ledgr,", "There is no service “Ledgr”. Did you mean ledger?"),
        ("X,,,,3/Ledger|X,", "needs more services than it names"),
        ("X,,,,X,", "depends on others"),
        ("Ledger,,,,,", "stands in line 2 already"),
        ("!!!,,,,,", "is no slug"),
        (f"{'x' * 121},,,,,", "more than 120 characters"),
        ("X,,,,,a,b", "More cells than columns"),
        (",,,,,words", "A service needs a name"),
    ],
)
def test_a_line_that_cannot_be_is_said_and_nothing_is_kept(row: str, said: str | None, admins: Actor) -> None:
    plan = import_services(f"name,team,owner,criticality,dependencies,description\nLedger,,,,,\n{row}\n", actor=admins)
    problems = [problem for one in plan.rows for problem in one.problems]
    assert plan.written is (said is None)
    assert said is None or any(said in problem for problem in problems), problems
    assert said is None or not Service.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "not UTF-8"), ("", "empty"), ("x,y\n1,2", "There is no column “x”"), ("team\npayments", "“name”"),
        ("name,Name\na,b", "twice"), ("name\n", "no service below"), ("name\n\x00", "no text"), ("\n\nname\n", "empty"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_said_so(content: Any, said: str) -> None:
    assert any(said in problem for problem in read_services(content).problems)


def test_files_of_spreadsheets_are_read() -> None:
    text = '\ufeffsep=;\r\nName;Criticality;Depends on\r\n"Check;out";Critical;Ledger, Mail\r\n'.encode()
    [row] = read_services(text).rows
    assert (row.line, row.name, row.slug, row.tier) == (3, "Check;out", "checkout", 1)
    assert [one.any_of for one in row.depends_on or []] == [("Ledger",), ("Mail",)]


def test_everything_wrong_is_said_at_once(admins: Actor) -> None:
    table = "name,team,criticality,dependencies\nBad,nowhere,9,Servce\nGood,,,Bad\n"
    bad, good = import_services(table, actor=admins, dry_run=True).rows
    assert len(bad.problems) == 3, bad.problems
    assert good.problems == [], "what it depends on stands in the table"


def test_teams_are_made_where_an_administrator_says_so(admins: Actor, engineer: User) -> None:
    table = "name,team\nMail,Office IT\n"
    assert not import_services(table, actor=admins).written
    assert not import_services(table, actor=actor_for(engineer, Door.WEB), create_teams=True).written
    plan = import_services(table, actor=admins, create_teams=True)
    assert (plan.written, plan.new_teams, str(Service.objects.get().team)) == (True, ["Office IT"], "Office IT")


def test_requesters_bring_in_nothing(requester: User) -> None:
    with pytest.raises(NotPermitted):
        import_services(TABLE, actor=actor_for(requester, Door.WEB))


class TestDoors:
    def test_the_page_shows_first_and_keeps_then(self, web: Any, admins: Actor, admin: User) -> None:
        client = web(admin)
        shown = client.post("/services/import/", {"table": TABLE})
        assert shown.status_code == 200
        assert "Bring them in" in shown.content.decode()
        assert not Service.objects.exists()
        assert client.post("/services/import/", {"table": TABLE, "keep": "1", "next": "setup"})["Location"] == "/setup/"
        assert Service.objects.count() == 4
        wrong = client.post("/services/import/", {"table": "name,team\nX,nowhere\n", "keep": "1"})
        assert wrong.status_code == 422
        assert "There is no team" in wrong.content.decode()

    @pytest.mark.parametrize("kind", ["text/csv", "application/json"])
    def test_rest_takes_it_as_text_or_in_json(self, kind: str, api: Any, admins: Actor, admin: User) -> None:
        client = api(admin)

        def sent(table: str, query: str = "") -> Any:
            if kind == "text/csv":
                return client.generic("POST", f"/api/v1/service-imports/{query}", table, kind)
            return client.post(f"/api/v1/service-imports/{query}", {"table": table}, format="json")

        planned = sent(TABLE, "?dry_run=true").json()
        assert (planned["written"], planned["rows"][0]["action"]) == (False, "create")
        assert sent(TABLE).json()["written"] is True
        refused = sent("name,tier\nX,9\n")
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["pointer"] == "/line 2"
        assert sent(TABLE, "?dry=true").status_code == 400
