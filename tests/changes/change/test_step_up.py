"""Approving an emergency, or an override, asks for the password again unless it was given within five minutes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from changes.gate.vocabulary import Outcome
from changes.models import Change
from itsm.accounts import step_up
from itsm.accounts.models import User
from itsm.approvals.models import ApprovalRequest
from itsm.kernel.actors import Actor, Door, Kind
from itsm.kernel.errors import PasswordNeeded
from tests.api.world import bearer, token_of
from tests.factories.changes import a_measured_service, ask, change_of

pytestmark = pytest.mark.django_db
PASSWORD = "a-long-enough-passphrase"


def of_door(via: Door, since: timedelta | None) -> Actor:
    return Actor(1, "ada", Kind.HUMAN, via=via, proved_at=None if since is None else timezone.now() - since)


@pytest.mark.parametrize(
    ("via", "since", "may"),
    [
        (Door.WEB, None, False),
        (Door.API, None, False),
        (Door.WEB, timedelta(minutes=2), True),
        (Door.WEB, timedelta(minutes=5), False),
        (Door.TASK, None, True),
    ],
)
def test_a_proof_is_good_for_five_minutes(via: Door, since: timedelta | None, may: bool) -> None:
    actor = of_door(via, since)
    assert step_up.is_proven(actor) is may
    if not may:
        with pytest.raises(PasswordNeeded):
            step_up.require_proof(actor, doing="do it")


@pytest.fixture
def emergency(asker: Actor, approver: User) -> Change:
    """One that waits for people, among them `approver`, whose password is known."""
    approver.set_password(PASSWORD)
    approver.save()
    change = change_of(ask(a_measured_service("no_data", tier=1), asker))
    assert change.verdict in (Outcome.CAB, Outcome.PEER)
    Change.objects.filter(pk=change.pk).update(change_class="emergency", status="authorising")
    return Change.objects.get(pk=change.pk)


def test_the_page_asks_for_it_in_place_and_a_wrong_one_approves_nothing(
    emergency: Change, approver: User, web: Callable[[User], Any]
) -> None:
    browser, at = web(approver), f"/changes/{emergency.reference}/"
    assert 'name="password"' in browser.get(at).content.decode()
    assert "Needed to say yes" in browser.get("/approvals/").content.decode()  # to decline asks for none
    sent = {"version": emergency.version, "comment": "It burns.", "seen": ""}
    seen = browser.get(f"{at}approve/").context["form"].initial["seen"]
    for password in ("", "a-wrong-passphrase"):
        refused = browser.post(f"{at}approve/", {**sent, "seen": seen, "password": password})
        assert (refused.status_code, "password" in refused.context["form"].errors) == (
            422 if not password else 400,
            True,
        )
        assert ApprovalRequest.objects.get().status == "open"
    assert browser.post(f"{at}approve/", {**sent, "seen": seen, "password": PASSWORD}).status_code == 302
    assert ApprovalRequest.objects.get().status == "approved"
    assert step_up.proved_at(browser) > datetime(2026, 1, 1, tzinfo=UTC)


def test_who_has_just_signed_in_is_not_asked_and_to_decline_nobody_is(
    emergency: Change, approver: User, web: Callable[[User], Any], client: Any
) -> None:
    client.post("/sign-in/", {"username": approver.username, "password": PASSWORD})
    assert 'name="password"' not in client.get(f"/changes/{emergency.reference}/").content.decode()
    said = {"version": emergency.version, "comment": "Not now."}
    assert web(approver).post(f"/changes/{emergency.reference}/decline/", said).status_code == 302


def test_guesses_are_counted_as_at_the_sign_in(emergency: Change, approver: User, web: Callable[[User], Any]) -> None:
    browser, at = web(approver), f"/changes/{emergency.reference}/approve/"
    seen = browser.get(at).context["form"].initial["seen"]
    said = {"version": emergency.version, "comment": "It burns.", "seen": seen}
    for _guess in range(8):
        browser.post(at, {**said, "password": "a-wrong-passphrase"})
    assert browser.post(at, {**said, "password": PASSWORD}).status_code != 302
    assert ApprovalRequest.objects.get().status == "open"


def test_a_token_is_not_enough(emergency: Change, approver: User) -> None:
    refused = bearer(token_of(approver)).post(
        f"/api/v1/changes/{emergency.reference}/approvals/", {"decision": "approve", "comment": "It burns."},
        format="json",
    )  # fmt: skip
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "password-needed")
    assert ApprovalRequest.objects.get().status == "open"
