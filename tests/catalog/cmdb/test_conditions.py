"""Monitors say how items are: it is believed at once where it is worse, and no kinder word comes from who wants one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.cmdb.operations import clear_condition, report_condition
from catalog.cmdb.queries.impact import current_states
from catalog.cmdb.vocabulary import State
from catalog.engine.graph import State as Rank
from catalog.models import CI, Condition
from itsm.accounts import interest
from itsm.accounts import operations as accounts
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.erasure.operations import erase
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotPermitted, WrongState
from tests.factories.catalog import KEEPER, an_item, joined
from tests.factories.slo import a_service

pytestmark = pytest.mark.django_db
Sign = Callable[[User], Any]


@pytest.fixture
def host() -> CI:
    """What the shop runs on; nobody's, so that every engineer may say how it is."""
    made = an_item(team=None, status="planned")
    joined(a_service(slug="shop"), made, "runs_on")
    return made


@pytest.fixture
def monitor(engineer: User) -> User:
    """A program of the engineer's."""
    return User.objects.create(username="probe", roles=["engineer"], account_type="service", owner=engineer)


@pytest.fixture
def staked(monkeypatch: pytest.MonkeyPatch) -> Callable[[User], None]:
    """Give somebody an open change of what feels the host."""

    def stake(whose: User) -> None:
        monkeypatch.setattr(interest, "_sources", [lambda services: [interest.Stake(whose.pk, "CHG-00001")]])

    return stake


def by(whom: User) -> Actor:
    return actor_for(whom, Door.API)


def test_what_monitors_say_is_what_impact_reads(host: CI, monitor: User, engineer: User) -> None:
    report_condition(host, State.DEGRADED, actor=by(monitor))
    report_condition(host, State.DOWN, actor=by(engineer))
    assert current_states()[host.pk] == Rank.DOWN
    report_condition(host, State.UP, actor=by(engineer))
    assert current_states()[host.pk] == Rank.DEGRADED
    report_condition(host, State.UP, actor=by(monitor))
    assert host.pk not in current_states()


def test_said_again_it_is_confirmed_and_keeps_its_beginning(host: CI, monitor: User) -> None:
    at = timezone.now()
    for minutes in (0, 5):
        report_condition(host, State.DOWN, actor=by(monitor), at=at + timedelta(minutes=minutes))
    one = Condition.objects.get()
    assert (one.since, one.said_at, one.said_by) == (at, at + timedelta(minutes=5), monitor)


def test_a_silent_monitor_is_stale_and_still_believed(host: CI, monitor: User) -> None:
    report_condition(host, State.DOWN, actor=by(monitor), at=timezone.now() - timedelta(minutes=16))
    assert Condition.objects.get().is_stale
    assert current_states()[host.pk] == Rank.DOWN


def test_who_wants_a_change_says_nothing_kinder_of_what_it_reads(
    host: CI, monitor: User, engineer: User, staked: Callable[[User], None]
) -> None:
    report_condition(host, State.DOWN, actor=by(monitor))
    staked(engineer)
    for kinder in (State.DEGRADED, State.UP):
        with pytest.raises(NotPermitted):
            report_condition(host, kinder, actor=by(monitor))
    assert current_states()[host.pk] == Rank.DOWN


def test_a_program_is_the_word_of_everybody_who_owned_it(
    host: CI, monitor: User, engineer: User, agent: User, staked: Callable[[User], None]
) -> None:
    report_condition(host, State.DOWN, actor=by(monitor))
    User.objects.filter(pk=monitor.pk).update(owner=agent, former_owners=[engineer.pk])
    staked(engineer)
    with pytest.raises(NotPermitted):
        report_condition(host, State.UP, actor=by(User.objects.get(pk=monitor.pk)))


def test_two_monitors_whose_names_begin_alike_keep_a_word_each(host: CI, monitor: User) -> None:
    one, other = (
        User.objects.create(
            username=f"{'probe-' * 20}{n}", roles=["engineer"], account_type="service", owner=monitor.owner
        )
        for n in range(2)
    )
    report_condition(host, State.DOWN, actor=by(one))
    report_condition(host, State.UP, actor=by(other))
    assert current_states()[host.pk] == Rank.DOWN


def test_an_erased_persons_word_says_no_name_and_counts(host: CI) -> None:
    made = accounts.add_user(actor=KEEPER, username="engineer", name="Ro", roles=["engineer"])
    report_condition(host, State.DOWN, actor=by(made))
    erase(accounts.deactivate(made, actor=KEEPER), actor=KEEPER)
    assert Condition.objects.get(until=None).source == f"erased-{made.pk}"
    assert current_states()[host.pk] == Rank.DOWN


def test_a_worse_word_is_anybodys_to_say(host: CI, engineer: User, staked: Callable[[User], None]) -> None:
    staked(engineer)
    report_condition(host, State.DEGRADED, actor=by(engineer))
    report_condition(host, State.DOWN, actor=by(engineer))
    assert current_states()[host.pk] == Rank.DOWN


def test_a_person_without_interest_ends_what_a_monitor_left(
    host: CI, monitor: User, engineer: User, owner: User, staked: Callable[[User], None]
) -> None:
    report_condition(host, State.DOWN, actor=by(monitor))
    one = Condition.objects.get()
    staked(engineer)
    for refused in (engineer, monitor):
        with pytest.raises(NotPermitted):
            clear_condition(one, actor=by(refused), why="Looks fine")
    clear_condition(one, actor=by(owner), why="Looked at the machine")
    with pytest.raises(WrongState):
        clear_condition(one, actor=by(owner), why="Again")
    assert host.pk not in current_states()


def test_nothing_is_said_of_what_is_retired(host: CI, monitor: User) -> None:
    CI.objects.filter(pk=host.pk).update(status="retired")
    with pytest.raises(WrongState):
        report_condition(host, State.DOWN, actor=by(monitor))


def test_a_monitor_reports_by_a_token_of_its_scope(host: CI, monitor: User, client: Client) -> None:
    address = f"/api/v1/cis/{host.reference}/report/"

    def sent(*scopes: str, **body: Any) -> Any:
        _, secret = accounts.issue_token(monitor, actor=KEEPER, name="probe", allowed=list(scopes))
        return client.post(
            address, body, content_type="application/json", headers={"authorization": f"Bearer {secret}"}
        )

    assert sent("catalog:write", state="down").status_code == 403
    answer = sent("samples:write", state="down", fresh_for_minutes=5)
    assert (answer.status_code, [(one["state"], one["source"], one["stale"]) for one in answer.json()]) == (
        200, [("down", "probe", False)],
    )  # fmt: skip
    assert sent("samples:write", state="odd").status_code == 400
    assert sent("samples:write", state="down", fresh_for_minutes=0).status_code == 400


def test_pages_and_rest_show_who_said_it_and_since_when(
    host: CI, monitor: User, owner: User, api: Sign, web: Sign
) -> None:
    report_condition(host, State.DOWN, actor=by(monitor), at=timezone.now() - timedelta(minutes=20))
    page = web(owner).get(host.get_absolute_url()).content.decode()
    assert "Just now" in page
    assert "probe" in page
    assert "stale" in page
    (shown,) = api(owner).get(f"/api/v1/cis/{host.reference}/conditions/").json()["results"]
    assert (shown["state"], shown["source"], shown["stale"]) == ("down", "probe", True)
    over = web(owner).post(f"{host.get_absolute_url()}conditions/{shown['id']}/clear/", {"why": "Looked at it"})
    assert over.status_code == 302
    assert "Just now" not in web(owner).get(host.get_absolute_url()).content.decode()


def test_of_a_confidential_item_nothing_is_read_and_nothing_said(host: CI, engineer: User, api: Sign) -> None:
    CI.objects.filter(pk=host.pk).update(confidential=True)
    address = f"/api/v1/cis/{host.reference}/"
    assert api(engineer).get(f"{address}conditions/").status_code == 404
    assert api(engineer).post(f"{address}report/", {"state": "down"}, format="json").status_code == 404
