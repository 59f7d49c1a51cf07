"""Who was asked hears of it before the time is over, with what they need to read; a time-out approves nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from changes.change.operations.evaluations import people_in_time
from changes.models import Change
from itsm.accounts.models import Team, User
from itsm.approvals import delegating
from itsm.approvals.models import ApprovalRequest
from itsm.approvals.reminding import remind
from itsm.kernel.actors import Actor
from itsm.notifications.models import Notification
from tests.factories.changes import a_measured_service, ask, change_of
from tests.factories.slo import MINUTE, T0

pytestmark = pytest.mark.django_db


@pytest.fixture
def waits(asker: Actor, approver: User) -> Change:
    return change_of(ask(a_measured_service("no_data", tier=1), asker))


def about(change: Change, words: str) -> list[tuple[str, str]]:
    told = Notification.objects.filter(subject__startswith=f"{change.reference} {words}").select_related("to")
    return [(one.to.username, one.body) for one in told.order_by("id")]


def test_three_quarters_on_who_has_not_answered_is_reminded_once_with_a_pre_read(
    waits: Change, approver: User, person: Callable[..., User], as_actor: Callable[[User], Actor]
) -> None:
    asked = ApprovalRequest.objects.get()
    assert asked.due_at is not None
    soon = asked.due_at - (asked.due_at - asked.asked_at) / 4
    deputy = person("engineer", username="deputy")
    delegating.delegate(
        actor=as_actor(approver), delegate=deputy, starts_at=None, ends_at=T0 + timedelta(days=366), at=T0 + MINUTE
    )
    assert remind(soon - MINUTE) == 0
    assert remind(soon) == 1
    assert remind(soon + MINUTE) == 0
    told = dict(about(waits, "waits for you until"))
    assert {approver.username, "deputy"} <= set(told)
    said = told[approver.username]
    assert "a time-out approves nothing" in said
    assert said == next(body for name, body in about(waits, "waits for you:") if name == approver.username)


def test_a_time_out_approves_nothing_and_who_asked_hears_of_it(waits: Change, asker: Actor) -> None:
    asked = ApprovalRequest.objects.get()
    assert asked.due_at is not None
    people_in_time(waits.pk, asked.due_at)
    waits.refresh_from_db()
    assert (waits.status, waits.evaluations.get().status) == ("draft", "expired")
    assert not ApprovalRequest.objects.filter(status="approved").exists()
    assert remind(asked.due_at + MINUTE) == 0


def test_the_link_of_the_mail_only_opens_the_page(waits: Change, approver: User, web: Callable[[User], Any]) -> None:
    told = Notification.objects.filter(to=approver).latest("id")
    before = (waits.version, ApprovalRequest.objects.get().answers.count())
    for address in (told.path, f"{told.path}approve/", f"{told.path}decline/", "/approvals/"):
        assert web(approver).get(address).status_code == 200
    waits.refresh_from_db()
    assert (waits.version, ApprovalRequest.objects.get().answers.count(), waits.status) == (*before, "assessing")


def test_who_asked_sees_for_whom_it_waits_and_what_would_speed_it_up(
    engineer: User, as_actor: Callable[[User], Actor], web: Callable[[User], Any]
) -> None:
    change = change_of(ask(a_measured_service("no_data", tier=1), as_actor(engineer)))
    page = web(engineer).get(change.get_absolute_url())
    text = page.content.decode()
    assert f"It waits for {ApprovalRequest.objects.get().authority}" in text
    helps = page.context["judged"].said.help_alone
    assert (helps[0].sentence if helps else "Nothing small would let it go") in text


def test_what_is_overdue_reminds_on_each_working_day_until_somebody_answers(approver: User, payments: Team) -> None:
    due_at = datetime(2026, 9, 3, 10, tzinfo=UTC)  # a Thursday
    ask_ = ApprovalRequest.objects.create(
        record_kind="request_item", record_id=1, content_hash="0" * 64, authority="approvers", role="approver",
        asked_at=due_at - timedelta(days=2), due_at=due_at, reminded_at=due_at - timedelta(hours=12),
    )  # fmt: skip

    def reminded(at: datetime) -> int:
        return remind(at)

    told = [reminded(due_at + timedelta(hours=hours)) for hours in (1, 24, 25, 48, 72, 96, 97)]
    assert told == [0, 1, 0, 0, 0, 1, 0]  # Friday once, neither on Saturday nor on Sunday, Monday once
    said = Notification.objects.filter(to=approver, subject__contains="is overdue").count()
    assert said == 2
    ApprovalRequest.objects.filter(pk=ask_.pk).update(status="withdrawn", decided_at=due_at)
    assert reminded(due_at + timedelta(days=5)) == 0
