"""Keeping factors: one's own, by step-up; rules by role and resets, by two administrators."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts import signing_in, step_up
from itsm.accounts.actors import actor_for
from itsm.accounts.models import OwnRole, Session, User
from itsm.accounts.raised import raised_by
from itsm.approvals import confirming
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput, NotPermitted, PasswordNeeded, StaleVersion
from itsm.notifications.models import Notification
from itsm.second_factors import codes, guard, queries
from itsm.second_factors.models import CodeApp, FactorReset, FactorRule, RecoveryCode, SecurityKey
from itsm.second_factors.operations import own, resetting, rules
from itsm.second_factors.sealing import unseal
from tests.api.world import browser
from tests.itsm.second_factors.conftest import WORD, code_of
from tests.itsm.second_factors.key import SoftKey

pytestmark = pytest.mark.django_db
Give = Callable[[User], CodeApp]
MINE = "/profile/factors/"


@pytest.fixture
def admins(db: None) -> list[User]:
    return [User.objects.create_user(name, WORD, roles=["admin"]) for name in ("root", "toor")]


def acting(user: User) -> Actor:
    return actor_for(user, Door.TASK)


def told(user: User) -> list[str]:
    return list(Notification.objects.filter(to=user).order_by("pk").values_list("subject", flat=True))


def test_an_app_is_added_by_who_has_just_shown_who_they_are_and_shown_its_codes_once(
    ada: User, web: Callable[[User], Client]
) -> None:
    assert "/profile/prove/" in web(ada).get(f"{MINE}app/")["Location"]
    page = browser(ada)
    shown = page.get(f"{MINE}app/")
    assert "<svg" in shown.content.decode()
    assert "style=" not in shown.context["qr"]
    app = CodeApp.objects.get()
    assert shown.context["secret"].replace(" ", "") == unseal(app.sealed)
    assert unseal(app.sealed) not in app.sealed
    assert page.post(f"{MINE}app/", {"code": "000000", "name": "phone"}).status_code == 400
    kept = page.post(f"{MINE}app/", {"code": code_of(app), "name": "phone"})
    assert len(kept.context["codes"]) == 10
    assert "A second factor was added: phone" in told(ada)
    assert kept.context["codes"][0] not in page.get(MINE).content.decode()
    assert RecoveryCode.objects.filter(user=ada, used_at=None).count() == 10


def test_a_key_is_added_once_and_under_a_name(ada: User) -> None:
    page, key = browser(ada), SoftKey()
    for name, count in (("stick", 1), ("again", 1)):  # the second time it is the same credential
        answer = key.made(page.post(f"{MINE}add/key/options/").json())
        page.post(f"{MINE}add/key/", {"name": name, "answer": answer})
        assert SecurityKey.objects.count() == count
    key.origin = "https://evil.example"
    answer = key.made(page.post(f"{MINE}add/key/options/").json())
    assert page.post(f"{MINE}add/key/", {"name": "evil", "answer": answer}).status_code == 400


def test_factors_are_taken_away_with_a_mail_and_the_last_one_stays_where_a_role_asks_for_it(
    ada: User, with_app: Give, web: Callable[[User], Client]
) -> None:
    app, page = with_app(ada), browser(ada)
    codes.new_recovery_codes(ada)
    where = f"{MINE}app/{app.pk}/remove/"
    assert "/profile/prove/" in web(ada).post(where)["Location"]
    FactorRule.objects.create(role="engineer", required=True)
    assert page.post(where).status_code == 409
    FactorRule.objects.all().delete()
    assert page.post(where).status_code == 302
    assert not CodeApp.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert "phone was taken from your second factors" in told(ada)


def test_nobody_touches_those_of_others(ada: User, with_app: Give, admins: list[User]) -> None:
    app = with_app(ada)
    assert browser(admins[0]).post(f"{MINE}app/{app.pk}/remove/").status_code == 404
    for deed in (
        lambda: own.remove(ada, app, actor=acting(admins[0])),
        lambda: own.begin_app(ada, actor=acting(admins[0]), at=timezone.now()),
        lambda: own.renew_recovery_codes(ada, actor=acting(admins[0])),
    ):
        with pytest.raises(NotPermitted):
            deed()


def test_step_up_asks_for_the_factor_where_there_is_one_and_a_password_is_not_enough(
    ada: User, with_app: Give, web: Callable[[User], Client]
) -> None:
    page = web(ada)
    asks = page.get("/profile/prove/?next=/teams/").content.decode()
    assert 'name="password"' in asks
    app = with_app(ada)
    assert page.get("/profile/prove/?next=//[example.org/").status_code == 200, "what anybody may write into a link"
    asks = page.get("/profile/prove/").content.decode()
    assert ('name="password"' in asks, 'name="proof_code"' in asks) == (False, True)
    assert page.post("/profile/prove/", {"password": WORD}).status_code == 422
    assert step_up.proved_at(page) is None  # type: ignore[arg-type]
    assert page.post("/profile/prove/", {"proof_code": "000000"}).status_code == 400
    gone = page.post("/profile/prove/?next=/teams/", {"proof_code": code_of(app)})
    assert gone["Location"] == "/teams/"
    assert step_up.proved_at(page) is not None  # type: ignore[arg-type]


def test_who_has_to_show_who_they_are_is_led_there_at_once_and_back(ada: User, web: Callable[[User], Client]) -> None:
    page, here = web(ada), f"{MINE}app/"
    prove = f"/profile/prove/?next={quote_plus(here)}"
    led = page.get(here)
    assert (led.status_code, led["Location"]) == (302, prove)
    assert "show once more who you are" in page.get(prove).content.decode()
    sent = {"HTTP_REFERER": f"http://testserver{here}"}
    assert page.post(f"{MINE}codes/", **sent)["Location"] == prove
    assert page.post(f"{MINE}codes/", HTTP_HEADROOM_FORM="1", **sent)["Headroom-Goes-To"] == prove
    by_part = page.post(f"{MINE}codes/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=f"http://testserver{here}")
    assert (by_part.status_code, by_part["HX-Redirect"]) == (204, prove)
    # What asks by itself takes no page away, and who wants data gets no page.
    assert page.get(here, HTTP_HX_REQUEST="true").status_code == 403
    assert page.post(f"{MINE}add/key/options/", HTTP_ACCEPT="*/*").status_code == 403


def test_step_up_by_a_key(ada: User, web: Callable[[User], Client]) -> None:
    strong, page, key = browser(ada), web(ada), SoftKey()
    strong.post(f"{MINE}add/key/", {"name": "x", "answer": key.made(strong.post(f"{MINE}add/key/options/").json())})
    RecoveryCode.objects.all().delete()
    assert page.post("/profile/prove/", {}).status_code == 422
    answer = key.answered(page.post(f"{MINE}ask/").json())
    assert page.post("/profile/prove/", {"proof_key": answer}).status_code == 302


def test_who_has_no_password_renews_at_the_provider(ada: User, web: Callable[[User], Client]) -> None:
    def renewal(user_id: int) -> tuple[str, str]:
        return "Corp", "/sso/corp/renew/"

    step_up.register_renewal(renewal)
    try:
        ada.set_unusable_password()
        ada.save()
        page = web(ada)
        asks = page.get("/profile/prove/").content.decode()
        assert ('name="password"' in asks, "/sso/corp/renew/" in asks) == (False, True)
        assert page.post("/profile/prove/", {"renewal": "x"}).status_code == 422
    finally:
        step_up._renewals.remove(renewal)


@pytest.mark.parametrize("by", ["password", "link", "provider:corp"])
def test_the_rule_holds_for_every_door_and_only_several_factors_stand_in(by: str, ada: User, with_app: Give) -> None:
    assert guard.second_step(ada, by, False) is None
    FactorRule.objects.create(role="engineer", required=True)
    assert guard.second_step(ada, by, False) == guard.SET_UP
    assert guard.second_step(ada, by, True) is None
    with_app(ada)
    assert guard.second_step(ada, by, False) == guard.SHOW


def test_more_holds_at_once_and_ends_sessions_that_owe_it_and_less_waits_for_a_second_administrator(
    ada: User, admins: list[User], with_app: Give
) -> None:
    now, (root, toor) = timezone.now(), admins
    with_app(root)
    for user, strong in ((ada, False), (root, False), (toor, True)):
        Session.objects.create(
            key_hash=user.username, user=user, strong=strong, last_seen_at=now, expires_at=now + timedelta(hours=1)
        )
    made = rules.set_rule("engineer", actor=acting(root), required=True, grace_until=None, at=now)
    assert (made.awaits, made.required) == (None, True)
    assert set(Session.objects.values_list("user__username", flat=True)) == {"root", "toor"}
    assert rules.set_rule("engineer", actor=acting(root), required=True, grace_until=None, at=now).awaits is None
    for less in ({"required": False, "grace_until": None}, {"required": True, "grace_until": now + timedelta(days=3)}):
        waits: Any = rules.set_rule("engineer", actor=acting(root), at=now, **less).awaits  # type: ignore[arg-type]
        assert FactorRule.objects.get().required
        assert FactorRule.objects.get().grace_until is None
        with pytest.raises(NotPermitted):
            confirming.confirm(waits, actor=acting(root), at=now, version=waits.version)
    confirming.confirm(waits, actor=acting(toor), at=now, version=waits.version)
    assert FactorRule.objects.get().grace_until == now + timedelta(days=3)
    with pytest.raises(NotPermitted):
        rules.set_rule("engineer", actor=acting(ada), required=False, grace_until=None, at=now)
    with pytest.raises(InvalidInput):
        rules.set_rule("engineer", actor=acting(root), required=True, grace_until=now + timedelta(days=91), at=now)


def test_who_is_alone_shows_once_more_who_they_are_to_ask_for_less(admins: list[User]) -> None:
    root, toor = admins
    User.objects.filter(pk=toor.pk).update(roles=["agent"])
    now, weak = timezone.now(), actor_for(root, Door.WEB)
    rules.set_rule("agent", actor=weak, required=True, grace_until=None, at=now)
    with pytest.raises(PasswordNeeded):
        rules.set_rule("agent", actor=weak, required=False, grace_until=None, at=now)
    rules.set_rule("agent", actor=acting(root), required=False, grace_until=None, at=now)
    assert not FactorRule.objects.get().required


def test_the_page_asks_who_is_alone_in_place(admins: list[User], web: Callable[[User], Client]) -> None:
    root, toor = admins
    User.objects.filter(pk=toor.pk).update(roles=["agent"])
    FactorRule.objects.create(role="agent", required=True)
    page, less = web(root), {"role": "agent", "required": "", "grace_days": ""}
    asked = page.post("/settings/factors/", less)
    assert asked.status_code == 403
    assert 'name="password"' in asked.content.decode()
    assert page.post("/settings/factors/", {**less, "password": "wrong"}).status_code == 400
    assert FactorRule.objects.get().required
    assert page.post("/settings/factors/", {**less, "password": WORD}).status_code == 302
    assert not FactorRule.objects.get().required


def test_whose_factors_somebody_asked_to_reset_is_no_second_person_for_them(
    ada: User, admins: list[User], with_app: Give
) -> None:
    with_app(ada)
    User.objects.update(created_at=timezone.now() - timedelta(days=30))
    assert raised_by(ada.pk, [admins[0].pk]) is None
    resetting.ask_reset(ada, actor=acting(admins[0]), reason="She came", at=timezone.now())
    assert raised_by(ada.pk, [admins[0].pk]) == "root"


def test_a_new_instance_key_reads_what_was_sealed_before_where_the_old_one_is_named(
    ada: User, with_app: Give, settings: Any
) -> None:
    app, old, now = with_app(ada), settings.SECRET_KEY, timezone.now()
    code = code_of(app, 0, now)
    settings.SECRET_KEY = "another key of this instance"
    assert codes.take_app_code([app], code, now) is None, "refused in words, no error"
    settings.SECRET_KEY_FALLBACKS = [old]
    assert codes.take_app_code([app], code, now) == app


def test_a_sweep_ends_sessions_when_grace_is_over(ada: User) -> None:
    now = timezone.now()
    Session.objects.create(key_hash="k", user=ada, last_seen_at=now, expires_at=now + timedelta(hours=1))
    FactorRule.objects.create(role="engineer", required=True, grace_until=now + timedelta(hours=1))
    assert rules.end_weak_sessions(now) == 0
    assert rules.end_weak_sessions(now + timedelta(hours=2)) == 1
    assert rules.end_weak_sessions(now + timedelta(hours=2)) == 0


def test_a_reset_takes_two_people_and_a_day_in_which_its_person_may_stop_it(
    ada: User, admins: list[User], with_app: Give
) -> None:
    app, now, (root, toor) = with_app(ada), timezone.now(), admins
    with pytest.raises(NotPermitted):
        resetting.ask_reset(root, actor=acting(root), reason="Mine", at=now)
    asked = resetting.ask_reset(ada, actor=acting(root), reason="She called", at=now)
    assert told(ada) == []
    with pytest.raises(NotPermitted):
        confirming.confirm(asked.awaits, actor=acting(root), at=now, version=asked.awaits.version)
    confirming.confirm(asked.awaits, actor=acting(toor), at=now, version=asked.awaits.version)
    assert told(ada) == ["Your second factors will be reset"]
    assert CodeApp.objects.filter(pk=app.pk).exists(), "it waits"
    stopped = browser(ada).post(f"{MINE}keep/")
    assert stopped.status_code == 302
    resetting.when_due(asked.pk, now + resetting.WAITS)
    assert CodeApp.objects.filter(pk=app.pk).exists(), "she stopped it"
    asked = resetting.ask_reset(ada, actor=acting(root), reason="She came", at=now)
    confirming.confirm(asked.awaits, actor=acting(toor), at=now, version=asked.awaits.version)
    Session.objects.create(key_hash="k", user=ada, last_seen_at=now, expires_at=now + timedelta(hours=1))
    resetting.when_due(asked.pk, now + resetting.WAITS)
    resetting.when_due(asked.pk, now + resetting.WAITS)
    assert not CodeApp.objects.exists()
    assert not Session.objects.filter(user=ada).exists()
    assert FactorReset.objects.get(pk=asked.pk).done_at is not None
    assert told(ada).count("Your second factors were reset") == 1


def test_the_pages_of_rules_and_resets(ada: User, admins: list[User], with_app: Give) -> None:
    with_app(ada)
    page = browser(admins[0])
    assert page.post("/settings/factors/", {"role": "agent", "required": "on", "grace_days": "7"}).status_code == 302
    assert page.post("/settings/factors/", {"role": "agent"})["Location"].startswith("/confirmations/")
    assert page.post("/settings/factors/", {"role": "king"}).status_code == 400
    assert "asked for soon" in page.get("/settings/factors/").content.decode()
    assert page.post("/settings/factors/reset/ada/", {"reason": "She came"})["Location"].startswith("/confirmations/")
    assert Confirmation.objects.waiting().count() == 2
    number = FactorReset.objects.get().pk
    assert page.post(f"/settings/factors/resets/{number}/stop/").status_code == 302
    assert FactorReset.objects.get().stopped_at is not None
    assert browser(ada).get("/settings/factors/").status_code == 403


def test_sessions_are_ended_by_person_and_by_door(ada: User, admins: list[User]) -> None:
    now, page = timezone.now(), browser(admins[0])
    for place, by in enumerate(("password", signing_in.provider("corp"), signing_in.provider("corp"))):
        Session.objects.create(
            key_hash=f"{place:064}", user=ada, by=by, last_seen_at=now, expires_at=now + timedelta(hours=1)
        )
    assert "corp" in page.get("/sessions/").content.decode()
    assert page.post("/sessions/end/", {"by": "provider:corp"}).status_code == 302
    assert list(Session.objects.filter(user=ada).values_list("by", flat=True)) == ["password"]
    assert page.get("/people/ada/sessions/").status_code == 200
    assert page.post("/people/ada/sessions/").status_code == 302
    assert not Session.objects.filter(user=ada).exists()
    assert browser(ada).post("/sessions/end/", {"by": "password"}).status_code == 403
    assert browser(ada).get("/people/root/sessions/").status_code == 403


def test_a_weaker_rule_is_confirmed_as_it_stood_or_not_at_all(admins: list[User]) -> None:
    """Asked for while there was grace; since then it is asked for at once, and who confirms was shown something else."""
    root, toor = (acting(one) for one in admins)
    now = timezone.now()
    grace = {"required": True, "at": now}
    rules.set_rule("agent", actor=root, grace_until=now + timedelta(days=2), **grace)
    waits = rules.set_rule("agent", actor=root, grace_until=now + timedelta(days=60), **grace).awaits
    rules.set_rule("agent", actor=root, grace_until=None, **grace)
    with pytest.raises(StaleVersion):
        confirming.confirm(waits, actor=toor, at=now, version=1)
    assert FactorRule.objects.get(role="agent").grace_until is None


def test_an_own_role_counts_as_the_role_that_it_lends(ada: User) -> None:
    """Who works on incidents by an own role signs in as those do who have the role built in."""
    ada.roles = []
    ada.own_roles = [OwnRole.objects.create(slug="night", name="Night", rights=["desk.work", "incidents.respond"]).slug]
    ada.save()
    FactorRule.objects.create(role="agent", required=True)
    assert queries.is_required(ada)
    assert ada in queries.people_with("agent")
    assert ada not in queries.people_with("manager")
    OwnRole.objects.update(retired_at=timezone.now())
    assert not queries.is_required(ada)
    assert ada not in queries.people_with("agent")
