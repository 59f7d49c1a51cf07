"""A company comes in from a file: tried first, all or nothing, as Excel and others write it."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from itsm.accounts import operations, roster
from itsm.accounts.models import Team, User
from itsm.accounts.operations import importing
from itsm.accounts.operations.importing import Import, Result, import_people
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.api.world import SYSTEM
from tests.itsm.rivals import rivals
from tests.slo.proving import examples

FILE = """login,name,email,roles,teams,leads,manager
ada,Ada Ferrer,ada@example.com,engineer;approver,Payments,Payments,mona
mona,Mona Haddad,mona@example.com,Change manager,,,
bo,Bo Lind,bo@example.com,,"Payments, Web shop",,ada
"""


def bring(text: str, *, keep: bool = True, **options: bool) -> Import:
    return import_people(text, actor=SYSTEM, keep=keep, **options)


def outcomes(found: Import) -> list[str]:
    return [one.action for one in found.results]


@pytest.mark.django_db
class TestAFile:
    def test_people_teams_leads_and_managers_come_in(self) -> None:
        found = bring(FILE)
        assert (found.kept, outcomes(found), found.new_teams) == (True, ["create"] * 3, ["Payments", "Web shop"])
        ada, bo = User.objects.get(username="ada"), User.objects.get(username="bo")
        assert (ada.roles, ada.manager and ada.manager.username) == (["approver", "engineer"], "mona")
        assert ada.memberships.get().lead
        assert (bo.roles, bo.manager) == (["requester"], ada)
        assert sorted(bo.teams.values_list("slug", flat=True)) == ["payments", "web-shop"]
        assert User.objects.get(username="mona").roles == ["manager"]

    def test_a_preview_keeps_nothing_and_says_the_same(self) -> None:
        tried = bring(FILE, keep=False)
        assert not User.objects.filter(username="ada").exists()
        assert not Team.objects.exclude(triage=True).exists()
        kept = bring(FILE)
        assert (outcomes(tried), tried.new_teams) == (outcomes(kept), kept.new_teams)

    def test_the_same_file_again_changes_nothing(self) -> None:
        bring(FILE)
        assert outcomes(bring(FILE)) == ["unchanged"] * 3

    def test_only_columns_that_are_there_are_looked_at(self) -> None:
        bring(FILE)
        found = bring("login,name\nada,Ada F.\n")
        assert outcomes(found) == ["update"]
        ada = User.objects.get(username="ada")
        assert (ada.name, ada.email, ada.roles) == ("Ada F.", "ada@example.com", ["approver", "engineer"])
        assert ada.memberships.get().lead

    def test_one_wrong_line_keeps_all_of_it_out_and_every_fault_is_said(self) -> None:
        text = (
            FILE + "cleo,Cleo,ada@example.com,,,,\ndan,Dan,dan@example.com,wizard,,,\neve,Eve,,,,,nobody\nada,,,,,,\n"
        )
        found = bring(text)
        assert not found.kept
        assert not User.objects.exists()
        wrong = {one.line.number: one.wrong[0] for one in found.results if one.wrong}
        assert "belongs to an account" in wrong[5]
        assert "no role “wizard”" in wrong[6]
        assert "no person “nobody”" in wrong[7]
        assert "in line 2 already" in wrong[8]

    def test_only_what_differs_is_said_to_change_from_what_to_what(self) -> None:
        bring(FILE)
        found = bring(
            FILE.replace("ada,Ada Ferrer,ada@example.com,engineer;approver", "ada,Ada F.,ADA@example.com,auditor")
        )
        assert outcomes(found) == ["update", "unchanged", "unchanged"]
        assert found.results[0].changes == {
            "name": ["Ada Ferrer", "Ada F."],
            "roles": ["approver, engineer", "auditor"],
        }

    def test_a_manager_and_who_has_no_login_are_known_by_their_address(self) -> None:
        bring("login,email\nnora,nora.lindqvist@example.com\n")
        found = bring(
            "Full name,E-mail,Department,Supervisor\n"
            "Nora Lindqvist,nora.lindqvist@example.com,Web,\nEmil Berg,emil@example.com,Web,Nora.Lindqvist@example.com\n"
        )
        assert outcomes(found) == ["update", "create"]
        assert User.objects.get(username="emil").manager == User.objects.get(username="nora")
        assert User.objects.count() == 2

    def test_a_line_that_is_wrong_makes_no_team(self) -> None:
        found = bring("login,roles,teams\nada,wizard,Shifted\nbo,,Web\n")
        assert (outcomes(found), found.new_teams) == (["error", "create"], ["Web"])

    def test_a_circle_of_managers_is_a_wrong_line(self) -> None:
        found = bring("login,manager\na,b\nb,a\n")
        assert sorted(outcomes(found)) == ["create", "error"]

    def test_the_last_administrator_is_not_demoted_by_a_file(self, admin: User) -> None:
        found = bring("login,roles\nadmin,requester\n")
        assert "only administrator" in found.results[0].wrong[0]

    @pytest.mark.parametrize(
        "text",
        [
            "\ufefflogin;name\r\nada;Ada\r\n", 'sep=;\r\n"login";"name"\r\n"ada";"Ada"\r\n', "login\tname\nada\tAda\n",
            "User name,Display name\nada,Ada\n", "E-Mail,Name\nada@example.com,Ada\n", "\n\nlogin,name\n\nada,Ada\n,\n",
        ],
    )  # fmt: skip
    def test_as_spreadsheets_write_it(self, text: str) -> None:
        assert outcomes(bring(text)) == ["create"]
        assert User.objects.get(username="ada").name == "Ada"

    def test_a_line_is_named_as_the_spreadsheet_counts_it(self) -> None:
        found = bring("sep=;\r\nlogin;roles\r\nada;wizard\r\n")
        assert [one.line.number for one in found.results if one.wrong] == [3]

    @pytest.mark.parametrize("late", ["a", "z"])
    def test_a_team_is_whose_slug_it_is_before_it_is_who_is_called_so(self, late: str) -> None:
        team = Team.objects.create(slug="night-desk", name="Night")
        Team.objects.create(slug=f"{late}-wide", name="Night-desk")
        bring("login,teams\nnadia,night-desk\nnils,Night\n")
        found = [list(User.objects.get(username=one).teams.all()) for one in ("nadia", "nils")]
        assert found == [[team], [team]]

    def test_unknown_teams_are_made_only_where_that_is_wanted(self) -> None:
        found = bring(FILE, create_teams=False)
        assert not found.kept
        assert "There is no team “Payments”." in found.results[0].wrong[0]

    def test_sixty_people_come_in_with_links_where_no_mail_leaves(self, settings: pytest.FixtureRequest) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # type: ignore[attr-defined]
        rows = "".join(f"p{i},Person {i},p{i}@example.com,engineer,Team {i % 7},,\n" for i in range(60))
        found = bring(FILE.splitlines()[0] + "\n" + rows, send_invitations=True)
        assert (found.kept, found.number("create"), len(found.new_teams)) == (True, 60, 7)
        assert len({one.link for one in found.results}) == 60

    def test_the_same_file_again_invites_who_was_not_invited_yet(self, settings: pytest.FixtureRequest) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # type: ignore[attr-defined]
        bring(FILE)
        again = bring(FILE, send_invitations=True)
        assert (outcomes(again), all(one.link for one in again.results)) == (["unchanged"] * 3, True)
        assert not any(one.link for one in bring(FILE, send_invitations=True).results), "an invitation is not voided"

    def test_only_administrators_bring_people_in(self, manager: User, as_actor: Callable[[User], Actor]) -> None:
        with pytest.raises(NotPermitted):
            import_people(FILE, actor=as_actor(manager), keep=False)


@pytest.mark.parametrize(
    "text",
    ["", " \n ", "nothing", "login,login\na,b\n", "login,salary\na,1\n", "name\nAda\n", "login\n" + "a\n" * 1001],
)
def test_what_is_no_table_of_people_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(InvalidInput):
        roster.lines_of(text)


@settings(max_examples=examples(150), deadline=None)
@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    for body in (text, f"login,roles\n{text}"):
        try:
            roster.lines_of(body)
        except InvalidInput:
            continue


@pytest.mark.django_db
def test_the_page_tries_first_and_keeps_when_it_is_sent_again(admin: User, web: Callable[[User], Client]) -> None:
    client = web(admin)
    upload = SimpleUploadedFile("people.csv", b"\xef\xbb\xbf" + FILE.encode(), "text/csv")
    page = client.post("/import-people/", {"file": upload, "create_teams": "on"})
    assert page.status_code == 200
    assert "3 new" in page.content.decode()
    assert not User.objects.filter(username="ada").exists()
    kept = client.post("/import-people/", {"table": FILE, "create_teams": "on", "keep": "1"})
    assert "They are in" in kept.content.decode()
    assert User.objects.filter(username="ada").exists()
    wrong = client.post("/import-people/", {"table": "login,roles\nx,wizard\n", "keep": "1"})
    assert (wrong.status_code, "no role “wizard”" in wrong.content.decode()) == (422, True)
    latin = SimpleUploadedFile("people.csv", "login,name\nada,Zoë\n".encode("latin-1"), "text/csv")
    assert client.post("/import-people/", {"file": latin}).status_code == 422
    assert client.post("/import-people/", {"table": " "}).status_code == 422


@pytest.mark.django_db
def test_what_came_in_and_who_cannot_sign_in_yet_is_said_in_words(admin: User, web: Callable[[User], Client]) -> None:
    page = web(admin).post("/import-people/", {"table": FILE, "create_teams": "on", "keep": "1"}).content.decode()
    assert "Change manager" in page, "a role by its name"
    assert "3 of them cannot sign in yet" in page
    assert "On with the set-up" not in page
    text = "login,name\nzoe,Zoe\n"
    page = web(admin).post("/import-people/", {"table": text, "keep": "1", "next": "setup"}).content.decode()
    assert "On with the set-up" in page


@pytest.mark.django_db
def test_one_account_is_no_plural(admin: User, web: Callable[[User], Client]) -> None:
    assert "1 account<" in web(admin).get("/people/").content.decode()


@pytest.mark.django_db
def test_what_has_to_be_mended_stands_first(admin: User, web: Callable[[User], Client]) -> None:
    page = web(admin).post("/import-people/", {"table": "login,roles\nada,\nbo,wizard\n"}).content.decode()
    assert page.index(">bo<") < page.index(">ada<")


@pytest.mark.django_db(transaction=True)
def test_looking_at_what_would_happen_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(FILE)
    seen: list[tuple[int, ...]] = []
    holds = "SELECT count(*) FROM (SELECT 1 FROM {} FOR UPDATE SKIP LOCKED) AS free"
    tried = importing._tried

    def looked_at(result: Result, step: Callable[[Result], None]) -> None:
        tried(result, step)
        with rivals() as begin:
            seen.append(begin(free).result())

    def free() -> tuple[int, ...]:
        with connection.cursor() as cursor:
            found = []
            for table in ("accounts_user", "accounts_team"):
                cursor.execute(holds.format(table))
                found.append(cursor.fetchone()[0])
            return tuple(found)

    monkeypatch.setattr(importing, "_tried", looked_at)
    text = (
        FILE.replace("Ada Ferrer", "Ada F.").replace(",,ada\n", ",,mona\n") + "new,New,new@example.com,,Payments,,ada\n"
    )
    found = bring(text, keep=False)
    assert outcomes(found) == ["update", "unchanged", "update", "create"]
    assert set(seen) == {(User.objects.count(), Team.objects.count())}, (
        "every account and team is free between two lines"
    )


@pytest.mark.django_db
class TestCommands:
    def test_a_file_on_the_command_line(self, tmp_path: Path) -> None:
        path, out = tmp_path / "people.csv", io.StringIO()
        path.write_text(FILE)
        call_command("import_people", str(path), "--dry-run", "--create-teams", stdout=out)
        assert not User.objects.exists()
        with pytest.raises(CommandError, match="2 of 3 lines to mend"):
            call_command("import_people", str(path), stdout=out)
        call_command("import_people", str(path), "--create-teams", stdout=out)
        assert "3 create\nnew teams: Payments, Web shop" in out.getvalue()
        path.write_text("login,roles\nx,wizard\n")
        with pytest.raises(CommandError, match="1 of 1 lines to mend"):
            call_command("import_people", str(path), stdout=out)
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("import_people", str(tmp_path / "none.csv"))

    def test_a_team_with_its_members(self, engineer: User) -> None:
        call_command("add_team", "web", "--name", "Web", "--lead", "engineer", stdout=io.StringIO())
        assert Team.objects.get(slug="web").memberships.get().lead
        for words in (["web"], ["other", "--member", "nobody"], ["not a slug"]):
            with pytest.raises(CommandError):
                call_command("add_team", *words, stdout=io.StringIO())

    def test_a_person_is_invited_by_command(
        self, payments: Team, manager: User, settings: pytest.FixtureRequest
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # type: ignore[attr-defined]
        out = io.StringIO()
        words = ["ada", "--role", "engineer", "--lead", "payments", "--manager", "manager", "--invite"]
        call_command("add_user", *words, stdout=out)
        assert "/welcome/" in out.getvalue()
        ada = User.objects.get(username="ada")
        assert (ada.manager, ada.memberships.get().lead, ada.has_usable_password()) == (manager, True, False)

    def test_deactivating_by_command_shows_and_does(self, admin: User, engineer: User, agent: User) -> None:
        operations.add_user(actor=SYSTEM, username="robot", roles=[], account_type="service", owner=engineer)
        out = io.StringIO()
        call_command("deactivate_user", "engineer", "--dry-run", stdout=out)
        assert '"deactivated": false' in out.getvalue()
        assert '"robot"' in out.getvalue()
        assert User.objects.get(username="engineer").is_active
        call_command("deactivate_user", "engineer", "--successor", "agent", stdout=out)
        assert not User.objects.get(username="engineer").is_active
        assert User.objects.get(username="robot").owner == agent
        for words in (["engineer"], ["nobody"], ["admin"], ["agent", "--successor", "nobody"]):
            with pytest.raises(CommandError):
                call_command("deactivate_user", *words, stdout=out)


@pytest.mark.django_db
def test_one_more_person_costs_the_same_in_a_large_team_as_in_a_small_one() -> None:
    def asked(first: int) -> int:
        with CaptureQueriesContext(connection) as seen:
            bring(f"login,roles,teams\nlate{first},engineer,Large\n")
        return len(seen)

    bring("login,roles,teams\nfirst,engineer,Large\n")
    small = asked(1)
    bring("login,roles,teams\n" + "".join(f"many{number},engineer,Large\n" for number in range(12)))
    assert asked(2) == small
