"""The second step of a sign-in: codes, keys and passkeys; each answer once, and nothing before it."""

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import Session, User
from itsm.notifications.models import Notification
from itsm.second_factors import codes, guessing
from itsm.second_factors.models import CodeApp, FactorRule, RecoveryCode, SecurityKey, UsedChallenge, WrongTry
from tests.api.world import browser
from tests.itsm.second_factors.conftest import WORD, code_of, sign_in
from tests.itsm.second_factors.key import SoftKey

pytestmark = pytest.mark.django_db
SECOND, SET_UP = "/sign-in/second/", "/sign-in/set-up/"
Give = Callable[[User], CodeApp]


def is_in(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def with_key(user: User, *, passkey: bool = False) -> SoftKey:
    """A key of this person, added as a person with a browser would."""
    client, key, how = browser(user), SoftKey(), "passkey" if passkey else "key"
    options = client.post(f"/profile/factors/add/{how}/options/").json()
    answer = client.post(
        f"/profile/factors/add/{how}/",
        {"name": "stick", "answer": key.made(options)},
    )
    assert answer.status_code == 200, answer.content
    return key


def test_a_code_of_the_app_is_the_second_step_and_good_once(ada: User, with_app: Give) -> None:
    app, client = with_app(ada), Client()
    assert sign_in(client, ada) == SECOND
    assert not is_in(client)
    code = code_of(app)
    assert client.post(SECOND, {"proof_code": "000000" if code != "000000" else "000001"}).status_code == 422
    assert client.post(SECOND, {"proof_code": code}).status_code == 302
    assert is_in(client)
    assert Session.objects.get(user=ada).strong
    again = Client()
    sign_in(again, ada)
    assert again.post(SECOND, {"proof_code": code}).status_code == 422, "a code is good once"
    assert not is_in(again)


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(steps: int, good: bool, ada: User, with_app: Give) -> None:
    app, now = with_app(ada), timezone.now()
    assert (codes.take_app_code([app], code_of(app, steps, now), now) == app) is good


def test_after_a_later_code_an_earlier_one_is_worth_nothing(ada: User, with_app: Give) -> None:
    app = with_app(ada)
    now = timezone.now()
    assert codes.take_app_code([app], code_of(app, 1, now), now)
    assert codes.take_app_code([app], code_of(app, 0, now), now) is None


def test_an_app_that_was_never_confirmed_counts_for_nothing(ada: User, with_app: Give) -> None:
    CodeApp.objects.filter(pk=with_app(ada).pk).update(confirmed_at=None)
    client = Client()
    assert sign_in(client, ada) == "/"
    assert is_in(client)


def test_a_recovery_code_stands_in_once_and_few_are_told(ada: User, with_app: Give) -> None:
    with_app(ada)
    made = codes.new_recovery_codes(ada)
    assert len(set(made)) == 10
    assert not RecoveryCode.objects.filter(code_hash__in=made).exists()
    for place, code in enumerate([made[0], made[0].upper().replace("-", " ")]):
        client = Client()
        sign_in(client, ada)
        client.post(SECOND, {"proof_code": code})
        assert is_in(client) is (place == 0)
    assert "9 are left" in Notification.objects.filter(to=ada).latest("pk").subject


def test_guesses_are_counted_by_account_and_network_and_lock_out_nobody_elsewhere(ada: User, with_app: Give) -> None:
    app = with_app(ada)
    guesser = Client(REMOTE_ADDR="198.51.100.7")
    sign_in(guesser, ada)
    for guess in range(guessing.MOST):
        guesser.post(SECOND, {"proof_code": f"{guess:06}"})
    neighbour = Client(REMOTE_ADDR="198.51.100.9")
    sign_in(neighbour, ada)
    refused = neighbour.post(SECOND, {"proof_code": code_of(app)})
    assert (refused.status_code, is_in(neighbour)) == (400, False)
    elsewhere = Client(REMOTE_ADDR="203.0.113.4")
    sign_in(elsewhere, ada)
    elsewhere.post(SECOND, {"proof_code": code_of(app)})
    assert is_in(elsewhere)
    WrongTry.objects.update(at=timezone.now() - guessing.WITHIN - timedelta(seconds=1))
    neighbour.post(SECOND, {"proof_code": code_of(app, 1)})
    assert is_in(neighbour)


def test_whose_codes_are_guessed_all_day_hears_of_it_once(ada: User, with_app: Give) -> None:
    with_app(ada)
    for house in range(12):
        client = Client(REMOTE_ADDR=f"198.51.{house}.7")
        sign_in(client, ada)
        client.post(SECOND, {"proof_code": "000000"})
    assert Notification.objects.filter(to=ada, subject__contains="guesses the codes").count() == 1


def test_a_key_is_the_second_step_and_each_answer_is_good_once(ada: User) -> None:
    key, client = with_key(ada), Client()
    assert sign_in(client, ada) == SECOND
    answer = key.answered(client.post(f"{SECOND}ask/").json())
    assert client.post(SECOND, {"proof_key": answer}).status_code == 302
    assert is_in(client)
    assert SecurityKey.objects.get().sign_count == 1
    again = Client()
    sign_in(again, ada)
    assert again.post(SECOND, {"proof_key": answer}).status_code == 422
    assert not is_in(again)


def test_one_challenge_is_answered_once_also_by_a_key_that_does_not_count(ada: User) -> None:
    key, client = with_key(ada, passkey=True), Client()
    key.count = -1  # it counts to zero, always
    options = client.post("/sign-in/passkey/options/").json()
    answer = key.answered(options)
    assert [client.post("/sign-in/passkey/", {"proof_key": answer}).status_code for _ in range(2)] == [302, 422]
    assert UsedChallenge.objects.count() == 2  # of adding it, too


@pytest.mark.parametrize("wrong", ["origin", "rp", "type", "browser", "purpose", "late", "signature", "counts back"])
def test_an_answer_for_anything_else_is_no_answer(wrong: str, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    key, client = with_key(ada), Client()
    sign_in(client, ada)
    options: Any = client.post(f"{SECOND}ask/").json()
    over: dict[str, str] = {}
    if wrong == "origin":
        key.origin = "https://desk.example.evil.example"
    elif wrong == "rp":
        key.rp_id = "evil.example"
    elif wrong == "type":
        over = {"type": "webauthn.create"}
    elif wrong == "browser":
        other = Client()
        sign_in(other, ada)
        options = other.post(f"{SECOND}ask/").json()
    elif wrong == "purpose":
        options = Client().post("/sign-in/passkey/options/").json()
    elif wrong == "counts back":
        SecurityKey.objects.update(sign_count=7)
    answer = key.answered(options, **over)
    if wrong == "signature":
        said = json.loads(answer)
        said["response"]["signature"] = "A" + said["response"]["signature"][1:-2]
        answer = json.dumps(said)
    if wrong == "late":
        later = time.time() + 301
        monkeypatch.setattr("itsm.second_factors.keys.time.time", lambda: later)
    assert client.post(SECOND, {"proof_key": answer}).status_code == 422
    assert not is_in(client)
    told = Notification.objects.filter(to=ada, subject__contains="may have been copied").count()
    assert told == (wrong == "counts back")


def test_a_passkey_signs_in_by_itself_and_a_plain_key_does_not(ada: User) -> None:
    passkey, client = with_key(ada, passkey=True), Client()
    answer = passkey.answered(client.post("/sign-in/passkey/options/").json())
    gone = client.post("/sign-in/passkey/", {"proof_key": answer, "next": "/teams/"})
    assert gone["Location"] == "/teams/"
    assert list(Session.objects.filter(user=ada, by="passkey").values_list("strong", flat=True)) == [True]
    SecurityKey.objects.update(passkey=False)
    other = Client()
    answer = passkey.answered(other.post("/sign-in/passkey/options/").json())
    assert other.post("/sign-in/passkey/", {"proof_key": answer}).status_code == 422
    assert not is_in(other)


def test_a_passkey_that_asked_for_no_finger_signs_nobody_in(ada: User) -> None:
    passkey, client = with_key(ada, passkey=True), Client()
    passkey.verifies = False
    answer = passkey.answered(client.post("/sign-in/passkey/options/").json())
    assert client.post("/sign-in/passkey/", {"proof_key": answer}).status_code == 422


@pytest.mark.writes_behind("I16")  # nobody deactivates them by the operation, which ends sessions
def test_a_passkey_of_who_left_opens_nothing(ada: User) -> None:
    passkey, client = with_key(ada, passkey=True), Client()
    User.objects.update(is_active=False)
    answer = passkey.answered(client.post("/sign-in/passkey/options/").json())
    assert client.post("/sign-in/passkey/", {"proof_key": answer}).status_code == 422


def test_who_needs_one_and_has_none_sets_it_up_and_can_do_nothing_else(ada: User) -> None:
    FactorRule.objects.create(role="engineer", required=True)
    client = Client()
    assert sign_in(client, ada) == SET_UP
    assert client.get(SET_UP).status_code == 200
    assert client.post(SET_UP).status_code == 403, "there is no later without grace"
    assert not is_in(client)
    assert client.get("/api/v1/services/").status_code == 401
    client.get(f"{SET_UP}app/")
    done = client.post(f"{SET_UP}app/", {"code": code_of(CodeApp.objects.get()), "name": "phone"})
    assert len(done.context["codes"]) == 10
    assert is_in(client)
    assert SESSION_KEY in client.session
    other = Client()
    assert sign_in(other, ada) == SECOND, "from then on it is asked"
    assert other.get(SET_UP)["Location"] == "/sign-in/", "and nobody sets up another one with a password alone"
    assert other.post(f"{SET_UP}key/options/").status_code == 403


def test_a_key_is_set_up_at_the_sign_in_likewise(ada: User) -> None:
    FactorRule.objects.create(role="engineer", required=True)
    client, key = Client(), SoftKey()
    sign_in(client, ada)
    options = client.post(f"{SET_UP}key/options/").json()
    assert client.post(f"{SET_UP}key/", {"name": "stick", "answer": key.made(options)}).status_code == 200
    assert is_in(client)


def test_with_grace_one_may_put_it_off_until_it_ends(ada: User) -> None:
    rule = FactorRule.objects.create(role="engineer", required=True, grace_until=timezone.now() + timedelta(minutes=1))
    client = Client()
    assert sign_in(client, ada) == SET_UP
    assert client.post(SET_UP)["Location"] == "/"
    assert is_in(client)
    assert not Session.objects.get(user=ada).strong
    FactorRule.objects.filter(pk=rule.pk).update(grace_until=timezone.now())
    late = Client()
    sign_in(late, ada)
    assert late.post(SET_UP).status_code == 403
    # The strictest rule of all roles counts.
    FactorRule.objects.filter(pk=rule.pk).update(grace_until=timezone.now() + timedelta(minutes=1))
    FactorRule.objects.create(role="approver", required=True)
    User.objects.filter(pk=ada.pk).update(roles=["engineer", "approver"])
    late = Client()
    sign_in(late, ada)
    assert late.post(SET_UP).status_code == 403


def test_whoever_is_not_half_signed_in_is_sent_to_the_sign_in(ada: User, with_app: Give) -> None:
    with_app(ada)
    for path in (SECOND, SET_UP, f"{SET_UP}app/"):
        assert Client().get(path)["Location"] == "/sign-in/", path
    for path in (f"{SECOND}ask/", f"{SET_UP}key/options/"):
        assert Client().post(path).status_code == 403
    assert WORD not in str(Client().get(SECOND).headers)


def test_nobody_is_shown_the_secret_of_an_app_that_another_browser_began(ada: User) -> None:
    """Whoever knows the password before there is a factor would keep a copy of the one that is set up then."""
    FactorRule.objects.create(role="engineer", required=True)
    thief, hers = Client(), Client()
    sign_in(thief, ada)
    sign_in(hers, ada)
    early = thief.get(f"{SET_UP}app/").context["secret"]
    shown = hers.get(f"{SET_UP}app/").context["secret"]
    assert shown != early
    assert hers.get(f"{SET_UP}app/").context["secret"] == shown, "her own page may be loaded again"
    assert thief.get(f"{SET_UP}app/").context["secret"] not in (early, shown)
    code = pyotp.TOTP(shown.replace(" ", "")).now()
    assert hers.post(f"{SET_UP}app/", {"code": code, "name": "phone"}).status_code == 400, "it was begun anew elsewhere"
    anew = hers.get(f"{SET_UP}app/").context["secret"]
    code = pyotp.TOTP(anew.replace(" ", "")).now()
    assert len(hers.post(f"{SET_UP}app/", {"code": code, "name": "phone"}).context["codes"]) == 10
