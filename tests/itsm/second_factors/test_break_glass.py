"""The sealed administrator: it comes in whatever rules hold, and everybody hears of it until another person says why."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.utils import timezone

from itsm.accounts import operations as accounts
from itsm.accounts.models import Session, User
from itsm.accounts.signing_in import complete_sign_in
from itsm.administration.operations import has_other_administrators
from itsm.audit.models import Entry
from itsm.kernel.errors import NotPermitted
from itsm.notifications.models import Notification
from itsm.paging.models import Page
from itsm.second_factors import queries
from itsm.second_factors.models import BreakGlass, BreakGlassUse, FactorRule
from itsm.second_factors.operations import break_glass
from tests.api.world import browser
from tests.itsm.second_factors.conftest import WORD, sign_in
from tests.itsm.second_factors.test_keeping import acting

pytestmark = pytest.mark.django_db
PATH = "/settings/factors/break-glass/"


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_user("root", WORD, roles=["admin"])


def does(*words: str) -> dict[str, str]:
    out = StringIO()
    call_command("break_glass", *words, stdout=out)
    said: dict[str, str] = json.loads(out.getvalue())
    return said


def test_it_comes_in_under_every_rule_and_alarms_everybody_until_another_person_says_why(root: User) -> None:
    password, sealed = does("seal")["password"], User.objects.get(username="break-glass")
    assert len(password) == 47
    for role in ("admin", "agent"):
        FactorRule.objects.create(role=role, required=True)
    client = Client()
    assert sign_in(client, sealed, password) == "/"
    assert client.get("/settings/").status_code == 200
    assert Session.objects.get(user=sealed).by == "break-glass"
    use = BreakGlassUse.objects.get()
    assert not use.drill
    assert Notification.objects.filter(to=root, event="break_glass.used").count() == 1
    assert list(Page.objects.values_list("person", "urgency")) == [(root.pk, "high")]
    assert Entry.objects.filter(event="break_glass_use.created", actor_name="Break-glass").count() == 1
    page = browser(root)
    assert "Break-glass was used" in page.get("/teams/").content.decode()
    assert "Break-glass was used" not in browser(User.objects.create(username="bo")).get("/profile/").content.decode()
    assert client.post(PATH, {"use": use.pk, "reason": "I was here"}).status_code == 403, "not by itself"
    assert page.post(PATH, {"use": use.pk, "reason": " "}).status_code in (400, 422)
    assert page.post(PATH, {"use": use.pk, "reason": "The provider was down"}).status_code == 302
    assert page.post(PATH, {"use": use.pk, "reason": "Again"}).status_code == 409
    assert "Break-glass was used" not in page.get("/teams/").content.decode()
    assert "The provider was down" in page.get(PATH).content.decode()


def test_each_use_alarms_anew(root: User) -> None:
    password, sealed = does("seal")["password"], User.objects.get(username="break-glass")
    for _ in range(2):
        sign_in(Client(), sealed, password)
    assert BreakGlassUse.objects.count() == 2
    assert Notification.objects.filter(to=root, event="break_glass.used").count() == 2


def test_a_drill_is_said_to_be_one_and_counts_as_tried(root: User) -> None:
    password, sealed = does("seal")["password"], User.objects.get(username="break-glass")
    does("drill")
    sign_in(Client(), sealed, password)
    sign_in(Client(), sealed, password)
    assert list(BreakGlassUse.objects.order_by("pk").values_list("drill", flat=True)) == [True, False]
    assert Notification.objects.filter(to=root, subject__startswith="A drill").count() == 1
    assert BreakGlass.objects.get().tested_at is not None


def test_renewed_its_old_password_and_sessions_are_worth_nothing(root: User) -> None:
    old, sealed = does("seal")["password"], User.objects.get(username="break-glass")
    client = Client()
    sign_in(client, sealed, old)
    new = does("rotate")["password"]
    assert client.get("/profile/").status_code == 302
    assert sign_in(Client(), sealed, old) == "None"
    assert sign_in(Client(), sealed, new) == "/"


def test_what_nobody_tries_for_ninety_days_is_a_finding_and_told(root: User) -> None:
    does("seal")
    now = timezone.now()
    assert queries.untested_break_glass(now + timedelta(days=89)) == []
    late = now + timedelta(days=91)
    assert len(queries.untested_break_glass(late)) == 1
    assert break_glass.report_untested(late) == 1
    assert Notification.objects.filter(to=root, event="break_glass.untested").count() == 1


def test_only_the_operator_seals_and_it_is_nobodys_second_person(root: User) -> None:
    with pytest.raises(NotPermitted):
        break_glass.seal("x", actor=acting(root), at=timezone.now())
    does("seal")
    assert not has_other_administrators(acting(root))
    with pytest.raises(CommandError):
        does("seal")
    with pytest.raises(CommandError):
        does("drill", "nobody")


@pytest.mark.parametrize("door", ["link", "passkey", "provider:acme"])
def test_no_other_door_of_the_sealed_administrator_is_silent(door: str, root: User, rf: RequestFactory) -> None:
    """An administrator has a link made for it, or lets a provider know it: everybody hears of that sign-in, too."""
    does("seal")
    sealed = User.objects.get(username="break-glass")
    client, request = Client(), rf.get("/")
    request.session = client.session
    complete_sign_in(request, sealed, by=door, strong=True)
    assert BreakGlassUse.objects.filter(account__user=sealed).count() == 1
    assert Notification.objects.filter(to=root, event="break_glass.used").count() == 1


def test_no_administrator_voids_it_from_inside(root: User) -> None:
    """Its password, its address, its role and its end are the operator's alone: one person could else lock all out."""
    password, sealed = does("seal")["password"], User.objects.get(username="break-glass")
    other, one = acting(root), User.objects.create_user("ann", WORD, roles=["admin"])
    for do in (
        lambda: accounts.send_reset(sealed, actor=other),
        lambda: accounts.deactivate(sealed, actor=other),
        lambda: accounts.edit_person(sealed, actor=other, version=sealed.version, roles=["agent"]),
        lambda: accounts.edit_person(sealed, actor=other, version=sealed.version, email="mine@example.org"),
        lambda: accounts.add_address(sealed, "mine@example.org", actor=other),
        lambda: accounts.merge_people(sealed, into=one, actor=other),
        lambda: accounts.merge_people(one, into=sealed, actor=other),
    ):
        with pytest.raises(NotPermitted, match="sealed administrator"):
            do()
    sealed.refresh_from_db()
    assert sealed.check_password(password)
    assert (sealed.is_active, sealed.email, sealed.roles) == (True, "", ["admin"])
    assert does("end") == {"login": "break-glass", "ended": True}
    sealed.refresh_from_db()
    assert not sealed.is_active
    assert Notification.objects.filter(to=root, subject__contains="was closed").count() == 1
