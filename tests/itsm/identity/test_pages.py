"""Pages of providers: for administrators, read by auditors, and each shows what it should."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from itsm.accounts import signing_in
from itsm.accounts.models import Session, Team, User
from itsm.audit.models import Entry
from itsm.identity.models import AllowedLink, GroupMapping, IdentityProvider
from itsm.identity.operations import note_refusal, provision
from itsm.identity.vocabulary import Refusal
from tests.itsm.identity.conftest import ada
from tests.together import each_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ROOT = "/settings/identity/"
OIDC = {"issuer": "https://login.acme.invalid", "client_id": "headroom"}
READ = ("", "acme/", "acme/preview/", "acme/people/", "acme/refused/")
WRITE = ("add/", "add/oidc/", "add/saml/", "acme/edit/", "acme/trust/", "acme/withdraw/", "acme/map/", "acme/links/")


@pytest.fixture
def acme(trusted: Callable[..., IdentityProvider]) -> IdentityProvider:
    return trusted(protocol="oidc", configuration=OIDC)


@each_of("role", ["requester", "engineer", "manager", "auditor", "admin"])
def test_who_may_open_what(role: str, acme: IdentityProvider, mapped: Any, person: Any, web: Any) -> None:
    mapping = mapped(acme, "g", "engineer")
    client = web(person(role, username=f"some-{role}"))
    for path in READ:
        assert client.get(ROOT + path).status_code == (200 if role in ("auditor", "admin") else 403), path
    for path in (*WRITE, f"mappings/{mapping.pk}/end/"):
        assert client.get(ROOT + path).status_code == (200 if role == "admin" else 403), path
    assert client.get(f"{ROOT}nobody/").status_code == (404 if role in ("auditor", "admin") else 403)
    assert client.get(f"{ROOT}add/fax/").status_code in (403, 404)


def test_an_empty_page_teaches(admin: User, web: Callable[..., Client]) -> None:
    page = web(admin).get(ROOT).content.decode()
    assert "Connect the first one" in page
    assert "/settings/identity/add/" in page


def test_a_provider_is_set_up_mapped_and_trusted_by_whoever_is_alone(admin: User, web: Callable[..., Client]) -> None:
    client, team = web(admin), Team.objects.create(slug="shop", name="Shop")
    page = client.get(f"{ROOT}add/oidc/").content.decode()
    assert "/sign-in/with/company/back/" in page
    said = {
        "name": "Acme",
        "slug": "acme",
        "sign_up": "everybody",
        "scope": "openid email",
        "groups_claim": "groups",
        **OIDC,
    }
    wrong = client.post(f"{ROOT}add/oidc/", {**said, "issuer": "http://10.0.0.1/"})
    assert wrong.status_code == 400
    assert "10.0.0.1:80 is a private address" in wrong.content.decode(), "the reason stands beside the field"
    assert client.post(f"{ROOT}add/oidc/", said)["Location"] == f"{ROOT}acme/"
    assert client.post(f"{ROOT}acme/map/", {"group": "shop", "team": "shop", "lead": "on"}).status_code == 302
    assert GroupMapping.objects.get().team == team
    assert "Shop, as lead" in client.get(f"{ROOT}acme/preview/", {"groups": "shop\nx"}).content.decode()
    session = client.session
    session.pop("proved_at", None)
    session.save()
    page = client.get(f"{ROOT}acme/trust/").content.decode()
    assert "Shop, as lead" in page
    assert "password" in page
    unproven = client.post(f"{ROOT}acme/trust/", {"version": 2})
    assert unproven.status_code == 422
    assert IdentityProvider.objects.get().trusted_at is None


def test_the_page_of_a_provider_says_who_was_not_let_in(acme: IdentityProvider, admin: User, web: Any) -> None:
    for number in range(7):
        note_refusal(acme, Refusal.DOMAIN, "of no domain", said=f"eve{number}@evil.test", at=timezone.now())
    page = web(admin).get(f"{ROOT}acme/").content.decode()
    assert "eve6@evil.test" in page
    assert "All 7" in page
    assert "eve0@evil.test" in web(admin).get(f"{ROOT}acme/refused/").content.decode()


def test_people_are_listed_with_what_they_are_called_there(acme: IdentityProvider, admin: User, web: Any) -> None:
    provision(acme, ada("eng"), at=timezone.now())
    page = web(admin).get(f"{ROOT}acme/people/").content.decode()
    assert "Ada L." in page
    assert "a-1" in page


def test_accounts_in_use_are_linked_by_name(acme: IdentityProvider, admin: User, engineer: User, web: Any) -> None:
    client = web(admin)
    client.post(f"/people/{engineer.username}/edit/")
    User.objects.filter(pk=engineer.pk).update(email="")
    wrong = client.post(f"{ROOT}acme/links/", {"people": engineer.username})
    assert wrong.status_code == 422
    assert not AllowedLink.objects.exists()


def test_withdrawing_says_whom_it_concerns(acme: IdentityProvider, admin: User, web: Any) -> None:
    provision(acme, ada(), at=timezone.now())
    client = web(admin)
    assert "1 person comes in by it" in client.get(f"{ROOT}acme/withdraw/").content.decode()
    assert client.post(f"{ROOT}acme/withdraw/", {"version": 1}).status_code == 302
    assert IdentityProvider.objects.get().standing == "withdrawn"
    assert client.get(f"{ROOT}acme/").status_code == 200


def test_pages_of_sessions_and_of_the_audit_call_a_provider_by_its_name(
    trusted: Callable[..., IdentityProvider], admin: User, web: Any
) -> None:
    provider = trusted("zq7", name="Acme Staff")
    ada_here = provision(provider, ada(), at=timezone.now())
    for n in range(3):
        Session.objects.create(
            key_hash=f"{n}" * 64, user=ada_here, by=signing_in.provider("zq7"), created_at=timezone.now(),
            last_seen_at=timezone.now(), expires_at=timezone.now() + HOUR,
        )  # fmt: skip
    client = web(admin)
    entries = Entry.objects.filter(record_kind="user", record_id=ada_here.pk)
    pages = ["/sessions/", f"/people/{ada_here.username}/sessions/", "/audit/"]
    pages += [f"/audit/{one.pk}/" for one in entries.filter(event="user.identity_linked")]
    for page in pages:
        said = client.get(page).content.decode()
        assert "Acme Staff" in said, page
        assert "zq7" not in said.replace('value="provider:zq7"', ""), page
    with CaptureQueriesContext(connection) as asked:
        client.get(pages[1])
    assert sum('FROM "identity_identityprovider"' in one["sql"] for one in asked) == 1
    client.post("/sessions/end/", {"by": "provider:zq7"})
    assert entries.get(event="user.sessions_ended").changes == {"by": ["Acme Staff", None]}
