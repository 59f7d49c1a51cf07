"""Categories in three levels, and the priority matrix in versions."""

from typing import Any
from urllib.parse import parse_qsl

import pytest

from catalog.models import Agreement
from incidents.incident import operations, queries
from incidents.incident.models import Matrix
from incidents.models import Category, Incident
from incidents.reports.models import SavedReport
from itsm.accounts.models import Team, User
from itsm.assignment.models import Rule
from itsm.clocks.models import Clock
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, StaleVersion, WrongState
from itsm.macros.models import Macro, Template
from itsm.work import category_references
from itsm.work.models import View

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")


def a_category(name: str, parent: Category | None = None, **said: Any) -> Category:
    return operations.add_category(actor=SYSTEM, name=name, parent=parent, **said)


@pytest.fixture
def hardware() -> Category:
    return a_category("Hardware")


class TestCategories:
    def test_are_three_levels_deep_and_no_more(self, hardware: Category) -> None:
        drum = a_category("Drum", a_category("Printer", hardware))
        assert (drum.path, drum.depth) == ("Hardware / Printer / Drum", 3)
        with pytest.raises(InvalidInput, match="three levels"):
            a_category("Dust", drum)

    def test_are_chosen_by_people_who_report_and_who_edit(self, hardware: Category, person: Any, web: Any) -> None:
        browser = web(person("agent", Team.objects.get(triage=True), username="ada"))
        gone = operations.retire_category(a_category("Fax"), actor=SYSTEM)
        form = browser.get("/incidents/new/").content.decode()
        assert "Hardware</option>" in form
        assert "Fax</option>" not in form
        assert browser.post("/incidents/new/", {"title": "Beeps", "category": hardware.pk}).status_code == 302
        made = Incident.objects.get(title="Beeps")
        assert made.category == hardware
        assert 'dir="auto">Hardware</span>' in browser.get(made.get_absolute_url()).content.decode()
        where, said = f"{made.get_absolute_url()}rewrite/", {"title": "Beeps", "version": made.version}
        assert browser.post(where, {**said, "category": gone.pk}).status_code == 422
        Incident.objects.filter(pk=made.pk).update(category=gone)
        assert "Fax</option>" in browser.get(where).content.decode()
        assert browser.post(where, {**said, "category": ""}).status_code == 302
        made.refresh_from_db()
        assert made.category is None

    def test_are_named_anew_wherever_they_are_named(
        self, hardware: Category, admin: User, as_actor: Any, web: Any
    ) -> None:
        """Macros, templates, views, rules, agreements and reports: what they meant stays meant."""
        printer, me = a_category("Printer", hardware), as_actor(admin)
        path = printer.path
        macro = Macro.objects.create(
            record_kind="incident",
            slug="m",
            name="M",
            share="everyone",
            actions=[{"kind": "field", "value": {"category": path, "priority": 2}}, {"kind": "note", "value": path}],
        )
        template = Template.objects.create(
            record_kind="incident", slug="t", name="T", category=path, values={"category": "Hardware"}
        )
        query = "state=open&not.category=Hardware+%2F+Printer,Network"
        view = View.objects.create(
            record_kind="incident", slug="v", name="V", owner=admin, query=query, share="everyone"
        )
        plain = View.objects.create(
            record_kind="incident", slug="p", name="P", owner=admin, query="text=Hardware+%2F+Printer"
        )
        rule = Rule.objects.create(record_kind="incident", name="R", position=1, filter="category=Hardware")
        agreement = Agreement.objects.create(name="Gold", category="Hardware")
        report = SavedReport.objects.create(name="S", owner=admin, query="category=Hardware", measures=["opened"])
        operations.edit_category(hardware, actor=me, version=1, name="Devices")
        for one in (macro, template, view, plain, rule, agreement, report):
            one.refresh_from_db()
        assert macro.actions == [
            {"kind": "field", "value": {"category": "Devices / Printer", "priority": 2}}, {"kind": "note", "value": path},
        ]  # fmt: skip
        assert (template.category, template.values) == ("Devices / Printer", {"category": "Devices"})
        assert parse_qsl(view.query) == [("state", "open"), ("not.category", "Devices / Printer,Network")]
        assert (plain.query, plain.version) == ("text=Hardware+%2F+Printer", 1)
        assert (rule.filter, rule.version, agreement.category, report.query) == (
            "category=Devices",
            2,
            "Devices",
            "category=Devices",
        )
        assert category_references.registered() == {
            "macros.macro", "macros.template", "work.view", "assignment.rule", "catalog.agreement", "incidents.savedreport",
        }  # fmt: skip
        page = web(admin).post(f"/categories/{hardware.pk}/keep/", {"do": "retire"}, follow=True).content.decode()
        assert all(one in page for one in ("macro M", "template T", "rule R", "Gold"))

    def test_are_renamed_with_what_lies_under_them(self, hardware: Category) -> None:
        a_category("Printer", hardware)
        a_category("Hardware store")
        operations.edit_category(hardware, actor=SYSTEM, version=1, name="Devices")
        assert list(Category.objects.values_list("path", flat=True)) == [
            "Devices", "Devices / Printer", "Hardware store",
        ]  # fmt: skip

    @pytest.mark.parametrize("name", ["", " ", "A / B", "A,B", "a" * 81])
    def test_have_a_name_that_a_filter_can_say(self, name: str) -> None:
        with pytest.raises(InvalidInput):
            a_category(name)

    def test_have_each_name_once(self, hardware: Category) -> None:
        with pytest.raises(Conflict):
            a_category("hardware")
        other = a_category("Software")
        with pytest.raises(Conflict):
            operations.edit_category(other, actor=SYSTEM, version=1, name="Hardware")

    def test_once_retired_take_nothing_new_and_stay_on_what_has_them(self, hardware: Category) -> None:
        printer = a_category("Printer", hardware)
        made = operations.open_incident(actor=SYSTEM, title="Pale", category=printer)
        operations.retire_category(hardware, actor=SYSTEM)
        printer.refresh_from_db()
        assert printer.retired_at is not None
        made.refresh_from_db()
        assert made.category == printer
        with pytest.raises(WrongState):
            operations.revive_category(printer, actor=SYSTEM)
        operations.revive_category(hardware, actor=SYSTEM)
        assert operations.revive_category(printer, actor=SYSTEM).retired_at is None

    def test_place_in_no_queue_that_who_says_so_may_not_see(
        self, hardware: Category, admin: User, api: Any, as_actor: Any
    ) -> None:
        hidden = Team.objects.create(slug="hr", name="Payroll", takes_work=True, confidential=True)
        with pytest.raises(InvalidInput):
            operations.edit_category(hardware, actor=as_actor(admin), version=1, team=hidden)
        operations.edit_category(hardware, actor=SYSTEM, version=1, team=hidden)
        assert api(admin).get(f"/api/v1/categories/{hardware.pk}/").json()["team"] is None

    def test_are_added_renamed_and_retired_by_page(self, admin: User, agent: User, web: Any) -> None:
        browser = web(admin)
        assert browser.post("/categories/", {"name": "Hardware"}).status_code == 302
        found = Category.objects.get()
        assert browser.post(f"/categories/{found.pk}/", {"name": "Devices", "version": "1"}).status_code == 302
        assert browser.post(f"/categories/{found.pk}/keep/", {"do": "retire"}).status_code == 302
        page = web(agent).get("/categories/").content.decode()
        assert "Devices" in page.partition("1 retired category")[2], "folded, below what is offered"
        assert web(agent).post("/categories/", {"name": "Mine"}).status_code == 403


class TestTheMatrix:
    CELLS = (1, 1, 1, 1, 1, 1, 1, 1, 1)

    def test_a_new_one_touches_no_record_and_moves_no_settled_outcome(self, agent: User, as_actor: Any) -> None:
        open_one = operations.open_incident(actor=SYSTEM, title="Open", impact=3, urgency=3)
        over = operations.open_incident(actor=SYSTEM, title="Over", impact=3, urgency=3)
        operations.resolve(over, actor=SYSTEM, resolution="Done", resolution_code="solved")
        before = (list(Incident.objects.order_by("pk").values()), list(Clock.objects.order_by("pk").values()))
        operations.renew_matrix(actor=SYSTEM, cells=self.CELLS, version=1)
        assert (list(Incident.objects.order_by("pk").values()), list(Clock.objects.order_by("pk").values())) == before
        assert operations.open_incident(actor=SYSTEM, title="New", impact=3, urgency=3).priority == 1
        again = operations.edit(open_one, actor=SYSTEM, version=open_one.version, impact=2)
        assert (again.priority, again.priority_why) == (1, "P1 = impact medium x urgency low (matrix 2)")

    def test_is_renewed_by_an_administrator_who_read_the_one_that_holds(self, manager: User, as_actor: Any) -> None:
        with pytest.raises(NotPermitted):
            operations.renew_matrix(actor=as_actor(manager), cells=self.CELLS, version=1)
        operations.renew_matrix(actor=SYSTEM, cells=self.CELLS, version=1)
        with pytest.raises(StaleVersion):
            operations.renew_matrix(actor=SYSTEM, cells=self.CELLS, version=1)
        assert operations.renew_matrix(actor=SYSTEM, cells=self.CELLS, version=2).version == 2
        for cells in ([1] * 8, [0] * 9, [6] * 9):
            with pytest.raises(InvalidInput):
                operations.renew_matrix(actor=SYSTEM, cells=cells, version=2)

    def test_its_difference_is_shown_before_it_is_saved(self, admin: User, web: Any) -> None:
        browser = web(admin)
        cells = {f"c{n}": str(cell) for n, cell in enumerate([1, 2, 3, 2, 3, 4, 3, 4, 4])}
        page = browser.post("/matrix/", {**cells, "version": "1", "look": "1"}).content.decode()
        assert "Impact low, urgency low: P5 becomes P4." in page
        assert Matrix.objects.count() == 1
        assert browser.post("/matrix/", {**cells, "version": "1", "save": "1"}).status_code == 302
        assert Matrix.objects.first().version == 2  # type: ignore[union-attr]

    def test_a_priority_that_a_person_said_tells_what_the_matrix_said_and_who_said_otherwise(
        self, person: Any, as_actor: Any, web: Any
    ) -> None:
        ada = person("agent", Team.objects.get(triage=True), username="ada")
        made = operations.open_incident(actor=SYSTEM, title="Pay", impact=1, urgency=2)
        operations.edit(made, actor=as_actor(ada), version=made.version, priority=1, priority_why="payroll tonight.")
        made.refresh_from_db()
        sentence = "P2 = impact high x urgency medium (matrix 1). ada made it P1: payroll tonight."
        assert queries.priority_said(made) == sentence
        assert sentence in web(ada).get(f"{made.get_absolute_url()}routing/").content.decode()
