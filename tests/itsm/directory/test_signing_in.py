"""People sign in on the ordinary page with the password that their directory knows."""

from typing import Any

import pytest
from django.test import Client

from itsm.accounts.models import Session, User
from itsm.directory import coming_in
from itsm.directory.syncing import sync
from itsm.identity.models import ExternalIdentity, IdentityProvider, RefusedSignIn
from itsm.identity.vocabulary import SignUp
from tests.itsm.directory.conftest import at, configure, dn
from tests.itsm.directory.slapd import PLAIN, Slapd

pytestmark = pytest.mark.django_db
PAGE = "/sign-in/"


def sign_in(name: str, password: str) -> Any:
    client = Client()
    answer = client.post(PAGE, {"username": name, "password": password})
    answer.is_in = client.get("/profile/").status_code == 200
    return answer


def test_who_comes_for_the_first_time_has_an_account_then(provider: IdentityProvider) -> None:
    assert sign_in("ada", "ada-secret").is_in
    ada = ExternalIdentity.objects.get().user
    assert (ada.username, ada.has_usable_password()) == ("ada", False)
    assert Session.objects.get(user=ada).by == "provider:corp"
    assert sign_in("ADA", "ada-secret").is_in
    assert User.objects.filter(username__istartswith="ada").count() == 1


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ada", "wrong"), ("ada", ""), ("ada", " "), ("", "ada-secret"), ("*", "ada-secret"), ("a*", "ada-secret"),
        ("ada)(uid=*", "ada-secret"), ("ad\u00ada", "ada-secret"), ("nobody", "x"), (dn("ada"), "ada-secret"),
    ],
)  # fmt: skip
def test_who_does_not_come_in(provider: IdentityProvider, name: str, password: str) -> None:
    """An empty password would be taken by the directory itself: as a bind of nobody (RFC 4513, 5.1.2)."""
    answer = sign_in(name, password)
    assert not answer.is_in
    assert answer.status_code == 422
    assert not ExternalIdentity.objects.exists()


def test_an_empty_password_is_nobodys_whatever_asks(provider: IdentityProvider) -> None:
    assert coming_in.by_password("ada", "", at=at(0)) is None
    assert coming_in.by_password("", "x", at=at(0)) is None


def test_a_name_that_is_somebodys_here_is_asked_where_they_are_known(
    provider: IdentityProvider, company: Slapd, person: Any
) -> None:
    ours = person("agent", username="ada")
    ours.set_password("ours-alone-and-long")
    ours.save()
    assert not sign_in("ada", "ada-secret").is_in  # the directory's Ada is somebody else
    assert sign_in("ada", "ours-alone-and-long").is_in
    assert counted(provider) == 0
    sync(provider, at=at(0))
    there = ExternalIdentity.objects.get(email_said="ada@example.org").user
    assert there != ours
    assert sign_in(there.username, "ada-secret").is_in
    company.move(dn("ada"), "uid=ada.l")  # called otherwise there, and known by what never changes
    assert sign_in(there.username, "ada-secret").is_in
    assert sign_in("ada.l", "ada-secret").is_in


def counted(provider: IdentityProvider) -> int:
    return ExternalIdentity.objects.filter(provider=provider).count()


def test_who_is_disabled_or_not_invited_does_not_come_in(provider: IdentityProvider, company: Slapd) -> None:
    company.change(dn("ada"), description="disabled")
    assert not sign_in("ada", "ada-secret").is_in
    IdentityProvider.objects.update(sign_up=SignUp.INVITED)
    assert not sign_in("grace", "grace-secret").is_in
    assert RefusedSignIn.objects.get(reason="not_invited").said == "grace"
    IdentityProvider.objects.update(withdrawn_at=at(0))
    assert not sign_in("linus", "linus-secret").is_in


def test_guesses_are_counted_and_then_the_directory_is_not_asked(
    provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    by = coming_in._by
    monkeypatch.setattr(coming_in, "_by", lambda *said: (asked.append(said[2]), by(*said))[1])
    for _guess in range(12):
        sign_in("ada", "wrong")
    assert len(asked) < 9
    assert not sign_in("ada", "ada-secret").is_in


def test_a_directory_that_is_away_is_no_wrong_guess(provider: IdentityProvider) -> None:
    configure(provider, port=9)
    for _time in range(10):
        assert sign_in("ada", "ada-secret").status_code == 503
    configure(provider, port=provider.configuration["port"], base_dn=f"ou=people,{PLAIN}")
    assert RefusedSignIn.objects.filter(reason="unreachable").count() == 10


def test_what_weighs_most_is_shown_by_the_same_password(provider: IdentityProvider) -> None:
    from django.contrib.auth import authenticate
    from django.test import RequestFactory

    sign_in("ada", "ada-secret")
    ada = ExternalIdentity.objects.get().user
    request = RequestFactory().post("/")
    assert authenticate(request, username=ada.username, password="ada-secret") == ada
    assert authenticate(request, username=ada.username, password="other") is None
