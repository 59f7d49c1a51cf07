"""An audit log of ServiceNow becomes incidents, once, with their history, whatever stands in it."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.imports.operations import importing
from incidents.models import Category, Imported, ImportedEvent, Incident
from itsm.accounts.models import Team, User
from itsm.accounts.operations import triage_id
from itsm.audit.models import Entry
from itsm.clocks.models import Clock
from itsm.clocks.verifying import faults
from itsm.notifications.models import Notification
from itsm.search.models import Document
from tests.incidents.imports.logs import a_log, a_long_log, a_row
from tests.slo.proving import IN_FULL
from tests.together import each_of

pytestmark = pytest.mark.django_db
Import = Callable[..., dict[str, Any]]


@pytest.fixture
def bring_in(tmp_path: Path) -> Import:
    """Run the command on a log and answer its last line."""

    def run(log: str | bytes, *options: str, name: str = "log.csv") -> dict[str, Any]:
        file = tmp_path / name
        file.write_bytes(log if isinstance(log, bytes) else log.encode())
        said = io.StringIO()
        call_command("import_servicenow", str(file), *options, stdout=said, stderr=io.StringIO())
        answer: dict[str, Any] = json.loads(said.getvalue().splitlines()[-1])
        return answer

    return run


class TestTheRecord:
    def test_is_the_last_row_by_its_count_of_changes(self, bring_in: Import) -> None:
        answer = bring_in(
            a_log(
                a_row(incident_state="Closed", sys_mod_count="4", reassignment_count="2", reopen_count="1"),
                a_row(incident_state="New", sys_mod_count="0"),
                a_row(incident_state="Active", sys_mod_count="2"),
            )
        )
        assert answer == {"rows": 3, "incidents": 1, "created": 1, "updated": 0, "unchanged": 0, "refused": []}
        made = Incident.objects.get()
        assert (made.status, made.reassigned, made.reopened, made.channel) == ("closed", 2, 1, "import")
        assert made.opened_at.isoformat() == "2016-02-29T01:16:00+00:00"
        assert made.attributes == {
            "symptom": "72", "location": "143", "closed_code": "5", "contact_type": "Phone",
        }  # fmt: skip
        assert (made.imported.met_sla, made.resolution_code) == (True, "no_resolution")
        clock = Clock.objects.get(record_kind="incident", record_id=made.pk)
        assert (clock.name, clock.outcome, clock.outcome_at) == ("resolve", "met", made.resolved_at)
        assert not clock.events.exists()
        assert not list(faults(made.opened_at))  # nothing to fold, nothing to mend

    @each_of(
        ("said", "status", "reason"),
        [
            ("New", "new", ""),
            ("Active", "in_progress", ""),
            ("Awaiting User Info", "on_hold", "caller"),
            ("Awaiting Vendor", "on_hold", "vendor"),
            ("Awaiting Problem", "on_hold", "problem"),
            ("Awaiting Evidence", "on_hold", "other"),
            ("Resolved", "resolved", ""),
            ("Closed", "closed", ""),
            ("-100", "new", ""),
        ],
    )
    def test_has_the_state_in_our_words(self, bring_in: Import, said: str, status: str, reason: str) -> None:
        bring_in(a_log(a_row(incident_state=said)))
        made = Incident.objects.get()
        assert (made.status, made.hold_reason) == (status, reason)

    def test_keeps_the_state_before_where_one_means_nothing_and_the_report_says_so(
        self, bring_in: Import, tmp_path: Path
    ) -> None:
        log = a_log(a_row(incident_state="Active"), a_row(incident_state="-100", sys_mod_count="1"))
        bring_in(log, "--report", str(tmp_path / "report"))
        assert Incident.objects.get().status == "in_progress"
        (line,) = (tmp_path / "report").read_text().splitlines()
        assert json.loads(line)["remarks"] == ["state -100 means nothing here: the state before stays"]

    def test_says_where_nothing_tells_since_when_it_is_over(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(resolved_at="?")))
        made = Incident.objects.get()
        assert (made.resolved_at, made.attributes["resolved_at_unknown"]) == (None, True)

    def test_takes_priority_as_it_is_even_against_the_matrix(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(impact="1 - High", urgency="1 - High", priority="4 - Low")))
        made = Incident.objects.get()
        assert (made.impact, made.urgency, made.priority, made.priority_by) == (1, 1, 4, "import")

    def test_reads_times_in_the_zone_that_is_said(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(opened_at="2/7/2016 09:00")), "--zone", "Europe/Berlin")
        assert Incident.objects.get().opened_at.isoformat() == "2016-07-02T07:00:00+00:00"

    def test_keeps_what_caused_it(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(caused_by="0000132", rfc="0000047", problem_id="14")))
        kept = Imported.objects.get()
        assert (kept.caused_by, kept.change, kept.problem) == ("0000132", "0000047", "14")


class TestStandIns:
    def test_of_people_teams_and_categories_take_nothing_new(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(assigned_to="89")))
        made = Incident.objects.get()
        assert (made.caller.username, made.opened_by.username, made.assigned_to.username) == (
            "sn-2403", "sn-8", "sn-89",
        )  # fmt: skip
        assert not User.objects.filter(username__startswith="sn-", is_active=True).exists()
        assert (made.team.slug, made.team.retired_at is None) == ("sn-56", False)
        assert (made.category.path, made.category.depth) == ("ServiceNow 55 / ServiceNow 170", 2)
        assert not Category.objects.filter(retired_at=None).exists()

    def test_are_made_once(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(), a_row(number="2")))
        bring_in(a_log(a_row(number="3")))
        assert User.objects.filter(username="sn-2403").count() == Team.objects.filter(slug="sn-56").count() == 1

    def test_no_group_is_triage(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(assignment_group="?")))
        assert Incident.objects.get().team_id == triage_id()

    def test_get_no_open_work(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(incident_state="Active", assigned_to="89")))
        made = Incident.objects.get()
        assert (made.team_id, made.assigned_to) == (triage_id(), None)
        assert (made.attributes["assignment_group"], made.attributes["assigned_to"]) == ("56", "89")

    def test_of_names_that_read_alike_are_two(self, bring_in: Import) -> None:
        bring_in(
            a_log(a_row(caller_id="Jo Ann"), a_row(number="2", caller_id="jo-ann"), a_row(number="3", caller_id="李"))
        )
        assert len({one.caller_id for one in Incident.objects.all()}) == 3


class TestAgain:
    def test_changes_nothing(self, bring_in: Import) -> None:
        log = a_log(a_row(), a_row(number="2"))
        bring_in(log)
        before = list(Incident.objects.order_by("pk").values())
        answer = bring_in(gzip.compress(log.encode()), name="log.csv.gz")
        assert (answer["created"], answer["updated"], answer["unchanged"]) == (0, 0, 2)
        assert list(Incident.objects.order_by("pk").values()) == before
        assert Entry.objects.filter(record_kind="incident").count() == 2

    def test_goes_on_after_it_was_killed(self, bring_in: Import, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(importing, "TOGETHER", 2)
        log, kept = a_log(*(a_row(number=str(n)) for n in range(5))), importing._kept
        batches = iter(range(9))

        def killed(*args: Any) -> Any:
            done = kept(*args)
            if next(batches) == 1:
                raise KeyboardInterrupt
            return done

        monkeypatch.setattr(importing, "_kept", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_in(log)
        monkeypatch.setattr(importing, "_kept", kept)
        answer = bring_in(log)
        assert (answer["created"], answer["unchanged"]) == (1, 4)
        assert Incident.objects.count() == 5

    def test_a_dry_run_says_the_same_and_writes_nothing(self, bring_in: Import) -> None:
        log = a_log(a_row(), a_row(number="2"), a_row(number="?"))
        would = bring_in(log, "--dry-run")
        assert not Imported.objects.exists()
        assert not User.objects.filter(username__startswith="sn-").exists()
        assert would == bring_in(log)

    def test_what_reads_otherwise_is_written_by_the_steps_of_the_table(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(incident_state="New")))
        answer = bring_in(a_log(a_row(incident_state="New"), a_row(incident_state="Closed", sys_mod_count="3")))
        made = Incident.objects.get()
        assert (answer["updated"], made.status, made.version) == (1, "closed", 2)
        assert made.team.slug == "sn-56"
        assert ImportedEvent.objects.count() == 2

    def test_what_people_edited_here_stays(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(incident_state="New")))
        Incident.objects.update(title="Ada's words", status="in_progress")
        bring_in(a_log(a_row(incident_state="Closed", u_symptom="99", reassignment_count="4")))
        made = Incident.objects.get()
        assert (made.title, made.status, made.resolved_at) == ("Ada's words", "in_progress", None)
        assert made.reassigned == 4

    def test_what_no_steps_lead_to_stays(self, bring_in: Import) -> None:
        bring_in(a_log(a_row(incident_state="Closed")))
        bring_in(a_log(a_row(incident_state="Active", reopen_count="1")))
        made = Incident.objects.get()
        assert (made.status, made.reopened) == ("closed", 1)


class TestHistory:
    def test_of_there_is_kept_apart_from_ours(self, bring_in: Import) -> None:
        bring_in(
            a_log(a_row(incident_state="New"), a_row(incident_state="Active", sys_mod_count="1", assigned_to="89")),
        )
        first, second = ImportedEvent.objects.all()
        assert first.changes["incident_state"] == [None, "New"]
        assert second.changes == {"incident_state": ["New", "Active"], "assigned_to": [None, "89"]}
        (entry,) = Entry.objects.filter(record_kind="incident")
        assert (entry.event, entry.at.year > 2020, entry.actor_name) == ("incident.imported", True, "ServiceNow import")

    def test_tells_nobody_and_is_found(self, bring_in: Import) -> None:
        bring_in(a_log(a_row()))
        assert not Notification.objects.exists()
        assert Document.objects.filter(record_kind="incident", title__contains="0000045").exists()


class TestRowsThatCannotBeRead:
    @each_of(
        ("row", "reason"),
        [
            (a_row(number="?"), "no number"),
            (a_row(opened_at="?"), "no opened_at"),
            (a_row()[:-1], "35 columns where the titles have 36"),
            (a_row(opened_at="30/2/2016 01:16"), "opened_at cannot be read: 30/2/2016 01:16"),
            (a_row(resolved_at="soon"), "resolved_at cannot be read: soon"),
            (a_row(priority="9"), "priority cannot be read: 9"),
            (a_row(reopen_count="99999"), "reopen_count cannot be read: 99999"),
            (a_row(u_symptom="a\0b"), "a value holds a NUL, or is not UTF-8"),
            (a_row(u_symptom="x" * 201), "a value is longer than 200 characters"),
        ],
    )
    def test_are_refused_with_their_number_and_why(self, bring_in: Import, row: list[str], reason: str) -> None:
        answer = bring_in(a_log(a_row(), row, a_row(number="9")))
        assert answer["refused"] == [{"row": 3, "reason": reason}]
        assert (answer["rows"], answer["incidents"]) == (3, 2)

    def test_of_another_encoding_too(self, bring_in: Import) -> None:
        answer = bring_in(a_log(a_row(u_symptom="Zoë")).encode("latin-1"))
        assert answer["refused"] == [{"row": 2, "reason": "a value holds a NUL, or is not UTF-8"}]

    @pytest.mark.parametrize(
        ("log", "words"),
        [
            (b"", "no column number"),
            (b"a,b\n1,2\n", "no column number, incident_state, opened_at"),
            (gzip.compress(a_log(a_row()).encode())[:-20], "is no audit log"),
        ],
    )
    def test_a_file_that_is_no_log_is_refused_whole(self, bring_in: Import, log: bytes, words: str) -> None:
        with pytest.raises(CommandError, match=words):
            bring_in(log)

    def test_no_file_and_no_zone_are_said(self, bring_in: Import, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="No such file"):
            call_command("import_servicenow", str(tmp_path / "none.csv"), stderr=io.StringIO())
        with pytest.raises(CommandError, match="no time zone Mars/X"):
            bring_in(a_log(a_row()), "--zone", "Mars/X")


def test_many_are_counted_and_cost_statements_by_the_batch(bring_in: Import) -> None:
    log, expected = a_long_log(450)
    with CaptureQueriesContext(connection) as asked:
        answer = bring_in(log)
    assert (answer["rows"], answer["created"]) == (1350, 450)
    assert Incident.objects.filter(reopened__gt=0).count() == expected["reopened"]
    assert Incident.objects.filter(reassigned__gt=0).count() == expected["reassigned"]
    assert [Incident.objects.filter(priority=p).count() for p in (1, 2, 3, 4)] == expected["priorities"]
    assert len(asked) < 120


class TestThePage:
    def test_shows_what_happened_there_to_whoever_works_here(self, bring_in: Import, web: Any, agent: User) -> None:
        bring_in(a_log(a_row(), a_row(incident_state="Active", sys_mod_count="1", caused_by="0000132")))
        reference = Incident.objects.get().reference
        page = web(agent).get(f"/incidents/{reference}/imported/").content.decode()
        assert "imported from ServiceNow, 0000045" in page
        assert "State: <s>Closed</s> → <b>Active</b>" in page
        assert "incident_state" not in page
        assert "Caused by change 0000132" in page
        assert f"/incidents/{reference}/imported/" in web(agent).get(f"/incidents/{reference}/").content.decode()

    def test_is_not_there_for_the_caller_nor_where_the_queue_is_hidden(
        self, bring_in: Import, web: Any, agent: User, requester: User
    ) -> None:
        bring_in(a_log(a_row()))
        Incident.objects.update(caller=requester)
        path = f"/incidents/{Incident.objects.get().reference}/imported/"
        assert web(requester).get(path).status_code == 404
        Team.objects.filter(slug="sn-56").update(confidential=True)
        assert web(agent).get(path).status_code == 404


REAL = Path(settings.BASE_DIR).parent / "shared/data/servicenow-incidents/incident_event_log.csv.gz"


@pytest.mark.heavy
@pytest.mark.skipif(not (IN_FULL and REAL.exists()), reason="make prove, where the real log lies beside the project")
def test_a_real_log_comes_to_the_known_figures(bring_in: Import) -> None:
    answer = bring_in(REAL.read_bytes(), name="log.csv.gz")
    assert (answer["rows"], answer["created"], answer["refused"]) == (17_479, 2_465, [])
    assert Incident.objects.filter(reopened__gt=0).count() == 38
    assert Incident.objects.filter(reassigned__gt=0).count() == 1_282
    assert [Incident.objects.filter(priority=p).count() for p in (1, 2, 3, 4)] == [27, 64, 2_176, 198]
    assert [Imported.objects.filter(met_sla=met).count() for met in (True, False)] == [849, 1_616]
    outcomes = Clock.objects.filter(name="resolve", events=None)
    assert [outcomes.filter(outcome=said).count() for said in ("met", "breached")] == [849, 1_616]
    assert Incident.objects.filter(attributes__resolved_at_unknown=True).count() == 76
    assert Incident.objects.filter(team_id=triage_id()).count() == 186
    assert Imported.objects.exclude(caused_by="").count() == 2
