"""The pages of a directory: set up, tried, synced, and looked at where it answered oddly."""

from typing import Any

import pytest
from django.utils import timezone

from itsm.directory.forms import DirectoryForm
from itsm.directory.models import DirectorySync, SyncRun
from itsm.directory.syncing import show, sync
from itsm.identity.models import IdentityProvider
from tests.itsm.directory.conftest import COMPANY, at, dn
from tests.itsm.directory.slapd import PLAIN, READER, Slapd
from tests.together import each_of

pytestmark = pytest.mark.django_db
PAGE = "/settings/identity/corp/sync/"


def test_a_directory_is_set_up_by_what_somebody_types(admin: Any, web: Any, company: Slapd) -> None:
    said = {
        "name": "Corp", "slug": "corp", "sign_up": "everybody", "domains": "", "make": "openldap", "host": "localhost",
        "port": company.tls_port, "tls": "ldaps", "authority": "company", "bind_dn": READER, "credential": "reader",
        "base_dn": f"ou=people,{PLAIN}", "minutes": 2, "most_leaving": 10,
    }  # fmt: skip
    page = "/settings/identity/add/ldap/"
    refused = web(admin).post(page, {**said, "people_filter": "uid=*", "port": 70000})
    assert refused.status_code == 422
    answer = web(admin).post(page, said)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    provider = IdentityProvider.objects.get(slug="corp")
    assert provider.configuration["login_attribute"] == "uid"
    assert "login_attribute" not in DirectoryForm.initial_of(provider.configuration)
    assert DirectoryForm.initial_of(provider.configuration)["credential"] == "reader"
    shown = web(admin).get(provider.get_absolute_url()).content.decode()
    assert f"localhost:{company.tls_port}" in shown
    assert "/settings/identity/corp/sync/?for=try" in shown


@each_of(
    ("name", "value"),
    [
        ("people_filter", "(a=b)(c=d)"), ("people_filter", "(a=b"), ("people_filter", "(&(a=b))(x=y)"),
        ("disabled_filter", "a=b"), ("base_dn", ""), ("base_dn", "people"), ("bind_dn", "reader"),
        ("login_attribute", "uid=x)("), ("credential", "../etc"), ("authority", "A b"), ("host", "https://x"),
        ("host", "x:389"), ("host", ""), ("port", 0), ("minutes", 5), ("minutes", 0), ("most_leaving", 0),
        ("most_leaving", 101), ("tls", "no"), ("make", "novell"), ("believes_addresses", "yes"), ("port", True),
        ("nonsense", 1), ("people_filter", "(a=\n)"), ("credential", ""),
    ],
)  # fmt: skip
def test_what_is_no_directory(provider: IdentityProvider, name: str, value: Any) -> None:
    from itsm.directory.checking import checked
    from itsm.kernel.errors import InvalidInput

    with pytest.raises(InvalidInput) as refused:
        checked({**provider.configuration, name: value})
    assert name in refused.value.errors


def test_a_preview_is_asked_for_and_shows_who(provider: IdentityProvider, admin: Any, web: Any) -> None:
    client = web(admin)
    answer = client.post(PAGE, {"how": "preview"})
    run = SyncRun.objects.get()
    assert answer["Location"] == run.get_absolute_url()
    waits = client.get(run.get_absolute_url()).content.decode()
    assert 'hx-trigger="every 2s"' in waits
    show(run, at=timezone.now())
    done = client.get(run.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in done
    assert "Would get an account" in done
    assert "ada" in done
    assert client.post(PAGE, {"how": "nonsense"}).status_code == 400
    assert client.get(f"{PAGE}999/").status_code == 404
    assert client.get("/settings/identity/other/sync/").status_code == 404


def test_who_may_look_and_who_may_act(
    provider: IdentityProvider, admin: Any, auditor: Any, agent: Any, web: Any
) -> None:
    sync(provider, at=at(0))
    run = SyncRun.objects.get()
    for path in (PAGE, run.get_absolute_url()):
        assert web(admin).get(path).status_code == 200
        assert web(auditor).get(path).status_code == 200
        assert web(agent).get(path).status_code == 403
    assert "Sync now" in web(admin).get(PAGE).content.decode()
    assert "Sync now" not in web(auditor).get(PAGE).content.decode()
    for somebody in (auditor, agent):
        assert web(somebody).post(PAGE, {"how": "sync"}).status_code == 403
        assert web(somebody).post(f"{PAGE}let-go/", {"version": 1}).status_code == 403


def test_whom_a_person_lets_go_they_have_seen(provider: IdentityProvider, company: Slapd, admin: Any, web: Any) -> None:
    client = web(admin)
    sync(provider, at=at(0))
    assert client.get(f"{PAGE}let-go/").status_code == 404
    company.remove(*map(dn, COMPANY[:5]))
    sync(provider, at=at(2))
    assert "answered oddly" in client.get(PAGE).content.decode()
    page = client.get(f"{PAGE}let-go/").content.decode()
    assert all(name.title() in page for name in COMPANY[:5])
    assert client.post(f"{PAGE}let-go/", {"version": 99}).status_code == 412
    held = DirectorySync.objects.get()
    assert client.post(f"{PAGE}let-go/", {"version": held.version}).status_code == 302
    assert len(DirectorySync.objects.get().let_go) == 5


def test_what_fails_stands_on_the_page(provider: IdentityProvider, admin: Any, web: Any) -> None:
    provider.configuration["credential"] = "not-there"
    provider.save()
    sync(provider, at=at(0))
    assert "not-there" in web(admin).get(PAGE).content.decode()
