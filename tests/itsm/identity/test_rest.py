"""Providers and mappings over REST: set up, mapped, previewed, trusted by two."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from itsm.accounts.models import OwnRole, Team, User
from itsm.approvals.models import Confirmation
from itsm.identity.models import GroupMapping, IdentityProvider
from tests.together import each_of

pytestmark = pytest.mark.django_db
PROVIDERS, MAPPINGS = "/api/v1/identity-providers/", "/api/v1/group-mappings/"
NEW: dict[str, Any] = {
    "name": "Acme", "slug": "acme", "protocol": "oidc", "sign_up": "everybody",
    "configuration": {"issuer": "https://login.acme.invalid", "client_id": "headroom"},
}  # fmt: skip


def test_from_nothing_to_live(admin: User, second: User, api: Callable[..., APIClient], web: Any) -> None:
    keeper = api(admin)
    made = keeper.post(PROVIDERS, NEW, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["standing"] == "draft"
    names = {one["name"]: one["address"] for one in made.json()["told"]}
    assert names["redirect_uri"].endswith("/sign-in/with/acme/back/")
    mapping = keeper.post(MAPPINGS, {"provider": "acme", "group": "eng", "role": "engineer"}, format="json")
    assert mapping.status_code == 201, mapping.content
    shown = keeper.post(f"{PROVIDERS}acme/preview/", {"groups": ["eng", "other"]}, format="json").json()
    assert (shown["changed"], shown["widens"], shown["people"][0]["roles_gained"]) == (
        1,
        True,
        ["engineer", "requester"],
    )
    assert keeper.post(f"{PROVIDERS}acme/preview/", {}, format="json").json()["changed"] == 0
    assert User.objects.filter(username="somebody").count() == 0
    asked = keeper.post(f"{PROVIDERS}acme/trust/", {}, format="json", HTTP_IF_MATCH='"2"')
    assert asked.status_code == 202, asked.content
    assert IdentityProvider.objects.get().trusted_at is None
    waits = Confirmation.objects.get()
    assert [one["what"] for one in waits.differences][-1] == "Who is in the group eng"
    page = web(second).post(
        f"{waits.get_absolute_url()}confirm/", {"version": 1, "password": "long and known to second"}
    )
    assert page.status_code == 302, page.content
    assert IdentityProvider.objects.get().standing == "trusted"
    assert GroupMapping.objects.get().standing == "trusted"


def test_what_widens_waits_and_what_narrows_does_not(
    admin: User, second: User, api: Callable[..., APIClient], trusted: Callable[..., IdentityProvider]
) -> None:
    trusted(
        protocol="oidc", sign_up="domains", domains=["acme.test", "acme.example"], configuration=NEW["configuration"]
    )
    keeper = api(admin)

    def changed(version: int, **said: Any) -> int:
        return keeper.patch(f"{PROVIDERS}acme/", said, format="json", HTTP_IF_MATCH=f'"{version}"').status_code

    assert changed(1, name="House") == 200
    assert changed(2, domains=["acme.test"]) == 200
    assert changed(3, sign_up="invited") == 200
    assert changed(4, sign_up="everybody") == 202
    assert changed(4, domains=["acme.test", "evil.test"]) == 202
    assert changed(4, manages_roles=True) == 202
    assert changed(4, configuration={**NEW["configuration"], "issuer": "https://login.evil.invalid"}) == 202
    assert changed(3, name="Stale") == 412
    found = IdentityProvider.objects.get()
    assert (found.sign_up, found.domains, found.manages_roles, found.version) == ("invited", ["acme.test"], False, 4)
    mapping = keeper.post(MAPPINGS, {"provider": "acme", "group": "a", "role": "approver"}, format="json")
    assert mapping.status_code == 202
    assert GroupMapping.objects.get().trusted_at is None


@each_of(
    ("field", "value"),
    [
        ("slug", "Acme!"), ("slug", "add"), ("protocol", "fax"), ("sign_up", "nobody"), ("domains", ["not a domain"]),
        ("configuration", {"issuer": "https://login.acme.invalid"}), ("configuration", {"client_secret": "here"}),
        ("configuration", {**NEW["configuration"], "issuer": "http://10.0.0.1/"}),
        ("configuration", {**NEW["configuration"], "scope": "email"}),
        ("configuration", {**NEW["configuration"], "credential": "../x"}),
        ("configuration", {**NEW["configuration"], "strong_values": [1]}), ("name", " "),
    ],
)  # fmt: skip
def test_what_cannot_be_set_up_is_said(field: str, value: Any, admin: User, api: Callable[..., APIClient]) -> None:
    answer = api(admin).post(PROVIDERS, {**NEW, field: value}, format="json")
    assert answer.status_code == 400, answer.content
    assert not IdentityProvider.objects.exists()


def test_domains_are_needed_where_they_decide(admin: User, api: Callable[..., APIClient]) -> None:
    answer = api(admin).post(PROVIDERS, {**NEW, "sign_up": "domains"}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/domains"


@pytest.mark.parametrize("said", [{}, {"role": "engineer", "team": "shop"}, {"role": "engineer", "lead": True}])
def test_a_group_means_one_thing(said: Any, admin: User, api: Any, trusted: Any) -> None:
    Team.objects.create(slug="shop", name="Shop")
    trusted()
    answer = api(admin).post(MAPPINGS, {"provider": "acme", "group": "g", **said}, format="json")
    assert answer.status_code == 400, answer.content


@each_of("role", ["requester", "engineer", "approver", "manager", "auditor"])
def test_nobody_else_says_by_whom_people_come_in(
    role: str, trusted: Any, mapped: Any, api: Any, person: Callable[..., User]
) -> None:
    mapping = mapped(trusted(), "g", "engineer")
    client = api(person(role, username=f"some-{role}"))
    reads = 200 if role == "auditor" else 403
    assert client.get(PROVIDERS).status_code == reads
    assert client.get(f"{MAPPINGS}{mapping.pk}/").status_code in ({200} if role == "auditor" else {403, 404})
    assert client.post(PROVIDERS, NEW, format="json").status_code == 403
    for path in (f"{PROVIDERS}acme/trust/", f"{PROVIDERS}acme/withdraw/", f"{MAPPINGS}{mapping.pk}/withdraw/"):
        assert client.post(path, {}, format="json", HTTP_IF_MATCH='"1"').status_code in (403, 404), path


def test_a_group_may_mean_a_role_of_ones_own_and_no_other_word(
    admin: User, second: User, api: Callable[..., APIClient]
) -> None:
    keeper = api(admin)
    assert keeper.post(PROVIDERS, NEW, format="json").status_code == 201
    OwnRole.objects.create(slug="night-desk", name="Night desk", rights=["desk.work"])
    said = {"provider": "acme", "group": "night"}
    assert keeper.post(MAPPINGS, said | {"role": "own:no-such"}, format="json").status_code == 400
    made = keeper.post(MAPPINGS, said | {"role": "own:night-desk"}, format="json")
    assert made.status_code == 201, made.content
    assert made.json()["role"] == "own:night-desk"


def test_no_two_providers_have_one_name(admin: User, api: Callable[..., APIClient], trusted: Any) -> None:
    trusted("old", name="Acme Staff")
    keeper = api(admin)
    refused = keeper.post(PROVIDERS, {**NEW, "name": " acme staff"}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/name")
    assert keeper.post(PROVIDERS, NEW, format="json").status_code == 201

    def called(name: str, version: int) -> int:
        said = {"name": name}
        return keeper.patch(f"{PROVIDERS}acme/", said, format="json", HTTP_IF_MATCH=f'"{version}"').status_code

    assert (called("Acme Staff", 1), called("ACME", 1)) == (400, 200)
    assert IdentityProvider.objects.filter(name__iexact="acme staff").count() == 1
