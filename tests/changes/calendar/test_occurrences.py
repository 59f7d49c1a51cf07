"""Windows that recur and what they concern, as the gate reads them: written down ahead, one probe, never forgotten."""

from datetime import UTC, datetime, timedelta

import pytest

from changes.calendar.models import CLOSING
from changes.calendar.operations import windows
from changes.calendar.operations.occurring import AHEAD, renew
from changes.calendar.queries.occurrences import demanded_of, occurrences_at, occurrences_for
from changes.change.queries.change_context import change_context
from changes.models import CalendarOccurrence, CalendarWindow
from itsm.accounts.models import Team
from itsm.kernel.errors import InvalidInput, NotPermitted
from tests.factories.catalog import relies_on
from tests.factories.changes import a_measured_service, a_model, ask
from tests.factories.slo import T0, a_service
from tests.together import each_of

pytestmark = pytest.mark.django_db

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHT = T0.replace(hour=22, minute=0) + DAY


@pytest.fixture
def enter(managing):
    def entered(window_type="freeze", starts=NIGHT, lasts=HOUR, at=T0, **more):
        return windows.add_window(
            actor=managing, window_type=window_type, name="Nightly", reason="Jobs run.", at=at,
            starts_at=starts, ends_at=starts + lasts, **more,
        )  # fmt: skip

    return entered


def nightly(**more):
    return {"rrule": "FREQ=DAILY", "zone": "Europe/Berlin"} | more


class TestWritingDown:
    def test_what_recurs_is_written_down_for_400_days_and_a_plain_window_once(self, enter) -> None:
        plain, recurring = enter(), enter(**nightly())
        assert [one.period.lower for one in plain.occurrences.all()] == [NIGHT]
        assert recurring.occurrences.count() in (399, 400)
        assert recurring.known_until == T0 + AHEAD

    def test_every_night_it_goes_on_and_twice_is_once(self, enter) -> None:
        window = enter(**nightly())
        before = window.occurrences.count()
        for _twice in range(2):
            assert renew(T0 + 10 * DAY) == 1
            assert window.occurrences.count() == before + 10
        window.refresh_from_db()
        assert window.known_until == T0 + 10 * DAY + AHEAD

    def test_what_is_long_past_goes_and_what_was_lately_stays(self, enter) -> None:
        window = enter(**nightly(zone="UTC"))
        renew(NIGHT + 200 * DAY)
        renew(NIGHT + 401 * DAY)
        assert window.occurrences.order_by("period").first().period.upper >= NIGHT + DAY
        assert window.occurrences.filter(period__endswith__lt=NIGHT + 401 * DAY).count() == 400

    def test_what_was_lifted_is_renewed_no_more(self, enter, managing) -> None:
        window = enter(**nightly())
        windows.lift_window(window, actor=managing, version=window.version, at=T0)
        assert renew(T0 + 10 * DAY) == 0

    @each_of(
        ("field", "said"),
        [
            ("rrule", {"rrule": "FREQ=SECONDLY", "zone": "UTC"}),
            ("rrule", {"rrule": "FREQ=DAILY;COUNT=1000000", "zone": "UTC"}),
            ("rrule", {"rrule": "FREQ=DAILY;BYHOUR=0,4,8,12,16,20", "zone": "UTC", "starts": NIGHT.replace(hour=20)}),
            ("rrule", {"rrule": "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "zone": "UTC"}),
            ("starts_at", {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28", "zone": "UTC"}),
            ("rrule", {"rrule": "FREQ=DAILY;COUNT=2", "zone": "UTC", "starts": NIGHT - 9 * DAY}),
            ("zone", {"rrule": "FREQ=DAILY"}),
            ("zone", {"rrule": "FREQ=DAILY", "zone": "Mars/Olympus"}),
            ("zone", {"zone": "UTC"}),
            ("ends_at", {"rrule": "FREQ=YEARLY", "zone": "UTC", "lasts": 40 * DAY}),
            ("ends_at", {"lasts": 36500 * DAY}),
            ("starts_at", {"starts": NIGHT + 36500 * DAY}),
            ("starts_at", {"rrule": "FREQ=DAILY", "zone": "UTC", "starts": NIGHT - 500 * DAY}),
            ("starts_at", {"rrule": "FREQ=DAILY", "zone": "UTC", "starts": NIGHT.replace(microsecond=1)}),
            ("demanded", {"demanded": True}),
            ("with_dependents", {"with_dependents": True}),
        ],
    )
    def test_odd_windows_are_refused_with_the_reason_and_nothing_is_kept(self, enter, field, said) -> None:
        with pytest.raises(InvalidInput) as refused:
            enter(**said)
        assert list(refused.value.errors) == [field]
        assert not CalendarWindow.objects.exists()


class TestTheGate:
    def test_waits_for_the_end_of_the_night_that_recurs(self, enter, asker, owning) -> None:
        service = a_measured_service(at=NIGHT + 5 * DAY)
        a_model(service, owning)
        enter(**nightly())
        evaluation = ask(service, asker, change_class="standard", at=NIGHT + 5 * DAY + timedelta(minutes=10))
        assert (evaluation.outcome, evaluation.not_before) == ("postponed", NIGHT + 5 * DAY + HOUR)

    def test_sends_what_lies_beyond_what_is_known_to_people(self, enter, asker, owning) -> None:
        service = a_measured_service()
        a_model(service, owning)
        enter(**nightly())
        far = T0 + AHEAD + 5 * DAY
        evaluation = ask(service, asker, change_class="standard", window=(far, far + HOUR))
        assert evaluation.outcome == "peer"
        assert "not_foreseen" in str(evaluation.decision.verdict["reasons"])

    def test_counts_a_change_that_leaves_the_maintenance_it_has_to_happen_in(self, enter, asker) -> None:
        service = a_measured_service()
        enter("maintenance", demanded=True, services=[service], **nightly())
        inside, outside = (
            ask(service, asker, summary=str(begins), window=(begins, begins + HOUR / 2))
            for begins in (NIGHT, NIGHT - HOUR)
        )
        conflicts = [change_context(one, [], [], T0).calendar.conflicts for one in (inside, outside)]
        assert [[one.reference for one in each if one.kind == "window"] for each in conflicts] == [[], ["Nightly"]]

    def left(self, evaluation, at=T0):
        return [one.reference for one in change_context(evaluation, [], [], at).calendar.conflicts]

    @pytest.mark.parametrize("said", [{}, nightly(rrule="FREQ=DAILY;COUNT=2")])
    def test_demands_nothing_by_a_maintenance_that_is_over(self, enter, asker, said) -> None:
        service = a_measured_service()
        enter("maintenance", demanded=True, services=[service], **said)
        evaluation = ask(service, asker)
        assert self.left(evaluation) == ["Nightly"]
        assert demanded_of([service.pk], "production", T0)
        assert self.left(evaluation, NIGHT + 3 * DAY) == []
        assert demanded_of([service.pk], "production", NIGHT + 3 * DAY) == []

    def test_takes_a_maintenance_of_the_asker_for_no_way_out_of_anothers(
        self, enter, managing, as_actor, admin
    ) -> None:
        service = a_measured_service()
        enter("maintenance", demanded=True, services=[service])
        windows.add_window(
            actor=as_actor(admin), window_type="maintenance", name="Mine", reason="Now.", at=T0, starts_at=T0,
            ends_at=T0 + HOUR, services=[service], demanded=True,
        )  # fmt: skip
        assert self.left(ask(service, as_actor(admin))) == ["Nightly"]
        assert self.left(ask(service, managing, summary="Another")) == []

    def test_says_who_lifted_the_maintenance_it_had_to_happen_in(self, enter, managing, asker) -> None:
        service = a_measured_service()
        window = enter("maintenance", demanded=True, services=[service])
        windows.lift_window(window, actor=managing, version=window.version, at=T0)
        lifted = [
            change_context(ask(service, actor, summary=actor.name), [], [], at).calendar.lifted
            for actor, at in ((managing, T0), (asker, T0), (managing, NIGHT + DAY))
        ]
        assert lifted == [("Nightly",), (), ()]


class TestScope:
    @pytest.fixture
    def services(self):
        """bank <- shop: the shop depends on the bank."""
        team = Team.objects.create(slug="others", name="Others")
        bank, shop, other = a_service(tier=1), a_service(tier=2), a_service(tier=3, team=team)
        relies_on(shop, bank)
        return bank, shop, other

    def concerned(self, services, environment="production"):
        return [bool(occurrences_at([one.pk], environment, NIGHT, CLOSING)) for one in services]

    def test_is_what_all_that_it_names_have_in_common(self, enter, services) -> None:
        bank, shop, _other = services
        enter(services=[bank, shop], tiers=[2, 3], environments=["production"])
        assert self.concerned(services) == [False, True, False]
        assert self.concerned(services, "staging") == [False, False, False]

    def test_takes_in_what_depends_on_its_services(self, enter, services) -> None:
        enter(services=[services[0]])
        assert self.concerned(services) == [True, False, False]
        enter(services=[services[0]], with_dependents=True)
        assert self.concerned(services) == [True, True, False]

    def test_of_teams_is_their_services(self, enter, services) -> None:
        enter(teams=[services[2].team])
        assert self.concerned(services) == [False, False, True]

    def test_who_waits_for_what_depends_redundantly_lifts_nothing(self, enter, services, managing) -> None:
        bank, shop, _other = services
        relies_on(shop, a_service(), bank, needs=1)
        ask(shop, managing)
        window = enter(services=[bank], with_dependents=True)
        with pytest.raises(NotPermitted):
            windows.lift_window(window, actor=managing, version=window.version, at=T0)

    def test_nothing_named_is_everything(self, enter, services) -> None:
        enter()
        assert self.concerned(services) == [True, True, True]
        assert occurrences_for([services[0].pk], "production", NIGHT + HOUR, NIGHT + 2 * HOUR) == []


def test_an_occurrence_is_written_once(enter) -> None:
    from django.db import IntegrityError, transaction

    window = enter()
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarOccurrence.objects.create(window=window, period=window.occurrences.get().period)


def test_the_clocks_change_and_the_wall_stays(enter) -> None:
    starts = datetime(2027, 3, 26, 1, 30, tzinfo=UTC)  # 02:30 in Berlin
    window = enter(starts=starts, at=datetime(2027, 3, 20, tzinfo=UTC), **nightly())
    found = [one.period.lower for one in window.occurrences.order_by("period")[:4]]
    assert [f"{one:%d %H:%M}" for one in found] == ["26 01:30", "27 01:30", "28 01:30", "29 00:30"]
