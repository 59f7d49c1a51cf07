"""People as a provider writes them: who they are here, and that who leaves is out at once."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts import operations as accounts
from itsm.accounts.models import Session, Team, Token, User
from itsm.approvals.models import Delegation
from itsm.approvals.plans import Part, Step, begin
from itsm.identity import operations as identity
from itsm.identity.models import AllowedLink, ExternalIdentity, IdentityProvider, RefusedSignIn
from itsm.identity.operations import Identified, provision
from itsm.identity.vocabulary import SignUp
from itsm.kernel.errors import InvalidInput, WrongState
from itsm.notifications.models import Notification
from itsm.scim import forgetting
from itsm.scim.configured import checked
from itsm.scim.models import ScimUser
from tests.conftest import SYSTEM
from tests.itsm.scim.conftest import PATCH, USER, Scim, user
from tests.together import each_of

pytestmark = pytest.mark.django_db


def account(scim: Scim, body: Any) -> User:
    return ScimUser.objects.get(provider=scim.provider, pk=body["id"]).user


def test_somebody_new(scim: Scim) -> None:
    answer = scim.post("/Users", user("ada"))
    body = answer.said
    assert answer.status_code == 201
    assert answer["Location"] == body["meta"]["location"]
    assert answer["ETag"] == body["meta"]["version"]
    ada = account(scim, body)
    assert (ada.username, ada.name, ada.email, ada.roles) == ("ada", "Ada", "ada@acme.test", ["requester"])
    assert not ada.has_usable_password()
    assert ExternalIdentity.objects.get(user=ada).subject == "ext-ada"
    assert scim.get(f"/Users/{body['id']}").said == body


def test_an_address_that_is_not_believed_is_nobodys_here(connected: Callable[..., Scim], person: Any) -> None:
    invited = person("agent", username="boss")
    accounts.edit_person(invited, actor=SYSTEM, version=None, version_required=False, email="boss@acme.test")
    User.objects.filter(pk=invited.pk).update(invited_at=timezone.now(), password="")
    scim = connected(configuration={"account": "scim-acme", "believes_addresses": False, "signs_in_by": ""})
    made = account(scim, scim.add("boss"))
    assert made != invited
    assert made.email == ""


@each_of(
    ("said", "status", "kind"),
    [
        ({"userName": "ADA@acme.test", "externalId": "other"}, 409, "uniqueness"),
        ({"userName": "other", "externalId": "ext-ada"}, 409, "uniqueness"),
        ({"userName": " "}, 400, "invalidValue"),
        ({"userName": None}, 400, "invalidValue"),
        ({"userName": ["ada"]}, 400, "invalidValue"),
        ({"userName": "x" * 255}, 400, "invalidValue"),
        ({"active": "perhaps"}, 400, "invalidValue"),
        ({"emails": [{"value": "no address"}]}, 400, "invalidValue"),
        ({"emails": [{"value": f"{n}@x.org", "primary": True} for n in "ab"]}, 400, "invalidValue"),
        ({"emails": "ada@x.org"}, 400, "invalidValue"),
        ({"name": "Ada"}, 400, "invalidValue"),
        ({"schemas": "x"}, 400, "invalidSyntax"),
        ({"USERNAME": "twice"}, 400, "invalidSyntax"),
    ],
)
def test_what_is_not_taken(scim: Scim, said: dict[str, Any], status: int, kind: str) -> None:
    scim.add("ada")
    answer = scim.post("/Users", {**user("bob"), **said})
    assert (answer.status_code, answer.said.get("scimType")) == (status, kind)
    assert ScimUser.objects.count() == 1


def test_who_is_not_let_in_is_told_and_noted(connected: Callable[..., Scim]) -> None:
    scim = connected(sign_up=SignUp.INVITED)
    answer = scim.post("/Users", user("ada"))
    assert answer.status_code == 403
    assert "invites you" in answer.said["detail"]
    assert RefusedSignIn.objects.get().said == "ada@acme.test"
    assert not ScimUser.objects.exists()


# How Entra, Okta and the RFC say that somebody is not active any more.
LEAVING = {
    "rfc": ({"op": "replace", "path": "active", "value": False},),
    "entra": ({"op": "Replace", "path": "active", "value": "False"},),
    "entra, old": ({"op": "Replace", "value": {"active": "False"}},),
    "okta": ({"op": "replace", "value": {"active": False}},),
    "add": ({"op": "add", "value": {"ACTIVE": False}},),
    "with urn": ({"op": "replace", "path": f"{USER}:active", "value": False},),
}


@pytest.mark.parametrize("way", LEAVING)
def test_who_leaves_is_out_at_once(scim: Scim, web: Any, way: str) -> None:
    body = scim.add("ada")
    ada = account(scim, body)
    browser = web(ada)
    token, _text = accounts.issue_token(ada, actor=SYSTEM, name="mine")
    assert browser.get("/profile/").status_code == 200
    answer = scim.patch(f"/Users/{body['id']}", *LEAVING[way])
    assert answer.status_code == 200
    assert answer.said["active"] is False
    assert browser.get("/profile/").status_code == 302
    assert not Session.objects.filter(user=ada).exists()
    assert Token.objects.get(pk=token.pk).revoked_at is not None
    assert not User.objects.get(pk=ada.pk).is_active


@pytest.mark.parametrize("way", ["put", "delete"])
def test_other_ways_to_leave(scim: Scim, web: Any, way: str) -> None:
    body = scim.add("ada")
    ada = account(scim, body)
    browser = web(ada)
    if way == "put":
        assert scim.put(f"/Users/{body['id']}", user("ada", active=False)).said["active"] is False
    else:
        assert scim.delete(f"/Users/{body['id']}").status_code == 204
        assert scim.get(f"/Users/{body['id']}").status_code == 404
    assert browser.get("/profile/").status_code == 302
    assert not User.objects.get(pk=ada.pk).is_active


def test_who_comes_back_is_who_they_were(scim: Scim) -> None:
    body = scim.add("ada")
    ada = account(scim, body)
    path = f"/Users/{body['id']}"
    scim.patch(path, {"op": "replace", "path": "active", "value": False})
    back = scim.patch(path, {"op": "Replace", "path": "active", "value": "True"})
    assert back.said["active"] is True
    assert User.objects.get(pk=ada.pk).is_active
    scim.delete(path)
    again = scim.add("ada")
    assert again["id"] != body["id"]
    assert account(scim, again) == ada
    assert User.objects.get(pk=ada.pk).is_active


def test_whom_an_administrator_closed_no_provider_opens(scim: Scim) -> None:
    body = scim.add("ada")
    accounts.deactivate(account(scim, body), actor=SYSTEM)
    path = f"/Users/{body['id']}"
    assert scim.get(path).said["active"] is False
    answer = scim.patch(path, {"op": "replace", "value": {"active": True, "displayName": "Ada L."}})
    assert (answer.status_code, answer.said["active"], answer.said["displayName"]) == (200, False, "Ada L.")


def test_nobody_comes_back_because_a_word_was_left_out(scim: Scim) -> None:
    body = scim.add("ada", active=False)
    path = f"/Users/{body['id']}"
    said = {name: value for name, value in user("ada").items() if name != "active"}
    assert scim.put(path, said).said["active"] is False
    assert scim.patch(path, {"op": "remove", "path": "active"}).said["active"] is False


def test_the_last_administrator_stays(scim: Scim, admin: User, mapped: Any) -> None:
    mapped(scim.provider, "admins", role="admin")
    body = scim.add("ada")
    scim.group("admins", body)
    User.objects.filter(pk=admin.pk).update(is_active=False)
    answer = scim.delete(f"/Users/{body['id']}")
    assert answer.status_code == 409
    assert account(scim, body).is_active


PATCHES: list[tuple[str, list[dict[str, Any]], dict[str, Any]]] = [
    ("path", [{"op": "replace", "path": "displayName", "value": "A"}], {"displayName": "A"}),
    ("a part", [{"op": "Add", "path": "name.givenName", "value": "A"}], {"name": {"givenName": "A"}}),
    ("paths as names", [{"op": "add", "value": {"name.familyName": "L"}}], {"name": {"familyName": "L"}}),
    (
        "a filter",
        [{"op": "Replace", "path": 'emails[type eq "work"].value', "value": "a@b.org"}],
        {"emails": [{"value": "a@b.org", "type": "work", "primary": True}]},
    ),
    (
        "a filter that nothing meets",
        [{"op": "Add", "path": 'emails[type eq "home"].value', "value": "h@b.org"}],
        {"emails": [{"value": "ada@acme.test", "type": "work", "primary": True}, {"value": "h@b.org", "type": "home"}]},
    ),
    ("a removal", [{"op": "remove", "path": 'emails[value eq "ADA@acme.test"]'}], {"emails": None}),
    (
        "another primary one",
        [{"op": "add", "path": "emails", "value": [{"value": "n@b.org", "primary": True}]}],
        {
            "emails": [
                {"value": "ada@acme.test", "type": "work", "primary": False},
                {"value": "n@b.org", "primary": True},
            ]
        },
    ),
    ("what is not kept", [{"op": "replace", "path": "title", "value": "Dr"}], {"displayName": "Ada"}),
    (
        "an extension",
        [{"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "IT"}],
        {"displayName": "Ada"},
    ),
    ("its id along", [{"op": "replace", "value": {"id": "x", "displayName": "B"}}], {"displayName": "B"}),
    ("another name", [{"op": "replace", "value": {"userName": "ada2@acme.test"}}], {"userName": "ada2@acme.test"}),
]


@pytest.mark.parametrize(("operations", "expected"), [one[1:] for one in PATCHES], ids=[one[0] for one in PATCHES])
def test_patches(scim: Scim, operations: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    body = scim.add("ada")
    answer = scim.patch(f"/Users/{body['id']}", *operations)
    assert answer.status_code == 200, answer.said
    assert {name: answer.said.get(name) for name in expected} == expected


@each_of(
    ("operation", "kind"),
    [
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "groups", "value": []}, "mutability"),
        ({"op": "replace", "path": "nonsense", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "emails[type eq", "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 'active[value eq "x"]', "value": 1}, "invalidPath"),
        ({"op": "replace", "path": 7, "value": 1}, "invalidPath"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "move", "path": "active"}, "invalidSyntax"),
        ({"op": "replace", "value": 7}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": None}, "invalidValue"),
        ({"op": "replace", "path": "userName"}, "invalidValue"),
        ({"op": "replace", "path": "emails", "value": [[[]]]}, "invalidValue"),
        ({"op": "remove", "path": 'emails[emails[value eq "x"]]'}, "invalidPath"),
        ({"op": "replace", "path": "x" * 3000, "value": 1}, "invalidPath"),
        ({"op": "replace", "path": "emails[" + "(" * 40 + 'type eq "x"' + ")" * 40 + "]", "value": 1}, "invalidPath"),
    ],
)
def test_patches_that_are_refused(scim: Scim, operation: dict[str, Any], kind: str) -> None:
    body = scim.add("ada")
    answer = scim.patch(f"/Users/{body['id']}", operation)
    assert (answer.status_code, answer.said.get("scimType")) == (400, kind)
    assert scim.get(f"/Users/{body['id']}").said == body


def test_versions(scim: Scim) -> None:
    body = scim.add("ada")
    path, tag = f"/Users/{body['id']}", body["meta"]["version"]
    assert scim.get(path, **{"If-None-Match": tag}).status_code == 304
    change = {"op": "replace", "path": "displayName", "value": "A"}
    assert scim.patch(path, change, **{"If-Match": tag}).status_code == 200
    for ask in (
        lambda: scim.patch(path, {**change, "value": "B"}, **{"If-Match": tag}),
        lambda: scim.put(path, user("ada"), **{"If-Match": tag}),
        lambda: scim.delete(path, **{"If-Match": tag}),
    ):
        assert ask().status_code == 412
    assert scim.get(path).said["displayName"] == "A"
    assert scim.patch(path, change, **{"If-Match": "nonsense, more"}).status_code == 400


def test_nothing_of_another_provider_is_there(connected: Callable[..., Scim]) -> None:
    ours, theirs = connected("acme"), connected("other")
    body = ours.add("ada")
    group = ours.group("sre", body)
    never = "00000000-0000-4000-8000-000000000000"
    for kind, key in (("Users", body["id"]), ("Groups", group["id"])):
        for method, said in (("GET", None), ("PUT", {**user("ada"), "displayName": "x"}), ("DELETE", None)):
            there, nowhere = theirs.ask(method, f"/{kind}/{key}", said), theirs.ask(method, f"/{kind}/{never}", said)
            assert there.status_code == nowhere.status_code == 404
            assert there.content == nowhere.content
        assert theirs.get(f"/{kind}").said["totalResults"] == 0
    assert theirs.post("/Groups", {"displayName": "x", "members": [{"value": body["id"]}]}).status_code == 400
    other = {"value": "ada@other.test", "primary": True}
    assert theirs.add("ada", emails=[other])["id"] != body["id"]  # their Ada is another one


def test_who_does_not_come_in(scim: Scim, api: Any, admin: User, person: Any) -> None:
    assert api(admin).get("/scim/v2/Users").status_code == 403
    assert api(admin, "scim").get("/scim/v2/Users").status_code == 403
    account = User.objects.get(username="scim-acme")
    assert api(account).get("/scim/v2/Users").status_code == 403  # the scope is named, or it is not there
    assert api(account, "read", "people:write").get("/scim/v2/Users").status_code == 403
    assert api(person("admin", username="bot", account_type="service"), "scim").get("/scim/v2/Users").status_code == 403
    assert scim.client.get("/api/v1/people/").status_code == 403  # and it opens nothing else
    answer = APIClient().get("/scim/v2/Users", HTTP_AUTHORIZATION="Bearer hr_nonsense")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert APIClient().get("/scim/v2/Users").status_code == 401
    scim.provider.withdrawn_at = timezone.now()
    scim.provider.save()
    assert scim.get("/Users").status_code == 403


HOSTILE = [
    b"", b"null", b"[]", b"7", b'"x"', b"{", b"\xff\xfe", b'{"userName": "a\\u0000b"}', b'{"userName": "\\ud800"}',
    b'{"userName": 1e999}', b'{"userName": NaN}', b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}",
    b'{"userName": "a", "userName": "b"}', json.dumps({"userName": "a", "emails": [{"value": "x" * 5000}]}).encode(),
    json.dumps({"userName": "a", "name": {"formatted": {"x": 1}}}).encode(),
    json.dumps({"schemas": [PATCH], "Operations": [None]}).encode(),
    json.dumps({"schemas": [PATCH], "Operations": [{"op": {"x": 1}, "path": "a"}]}).encode(),
    json.dumps({"schemas": [PATCH], "Operations": []}).encode(),
    json.dumps({"schemas": [PATCH], "Operations": [{"op": "add", "value": {"": 1}}]}).encode(),
    json.dumps({"schemas": [PATCH], "Operations": [{"op": "add", "value": {"emails": {"value": 7}}}]}).encode(),
    json.dumps({"schemas": [PATCH], "Operations": [{"op": "add", "path": "name", "value": "x"}]}).encode(),
    json.dumps({"schemas": [PATCH], "Operations": [{"op": "add", "path": "emails.type", "value": {}}]}).encode(),
    json.dumps({"schemas": [PATCH], "Operations": [{"op": "add", "path": "members", "value": [7]}]}).encode(),
    json.dumps({"displayName": "g", "members": [{"value": None}, {"value": {}}]}).encode(),
    json.dumps({"displayName": "g", "members": [{"value": "x", "type": "Group"}]}).encode(),
]  # fmt: skip


@each_of("body", HOSTILE)
def test_hostile_bodies_are_refused_in_words(scim: Scim, body: bytes) -> None:
    """`ask` fails on anything of ours that broke, and on what is not SCIM's."""
    ada, group = scim.add("ada"), scim.group("sre")
    for method, path in (
        ("POST", "/Users"), ("PUT", f"/Users/{ada['id']}"), ("PATCH", f"/Users/{ada['id']}"), ("POST", "/Groups"),
        ("PUT", f"/Groups/{group['id']}"), ("PATCH", f"/Groups/{group['id']}"), ("POST", "/Users/.search"),
    ):  # fmt: skip
        assert 400 <= scim.ask(method, path, body).status_code < 500, (method, path)


def test_other_ways_of_asking(scim: Scim) -> None:
    assert scim.ask("POST", "/Bulk", {}).status_code == 404
    assert scim.get("/Me").status_code == 404
    assert scim.get("/Users/not-an-id").status_code == 404
    assert scim.ask("DELETE", "/Users").status_code == 405
    assert scim.client.post("/scim/v2/Users", "x=1", content_type="text/plain").status_code == 415
    assert scim.client.post("/scim/v2/Users", user("ada"), format="json").status_code == 201  # plain JSON is taken
    assert scim.get("/Users/").said["totalResults"] == 1


def test_a_person_whose_provider_signs_them_in_waits_there(connected: Callable[..., Scim], admin: User) -> None:
    at = timezone.now() - timedelta(hours=1)
    sign_in = IdentityProvider.objects.create(
        slug="entra", name="Entra", protocol="oidc", asked_at=at, trusted_at=at, made_by=admin
    )
    scim = connected(configuration={"account": "scim-acme", "believes_addresses": True, "signs_in_by": "entra"})
    ada = account(scim, scim.add("ada"))
    came = provision(sign_in, Identified("oid-7", "ada@acme.test", True, "Ada"), at=timezone.now())
    assert came == ada


def draft(admin: User, **said: Any) -> IdentityProvider:
    """A provider that people will sign in by, once it is trusted."""
    words = {"slug": "entra", "name": "Entra", "protocol": "oidc", "sign_up": "everybody", **said}
    return IdentityProvider.objects.create(asked_at=timezone.now(), made_by=admin, **words)


def test_who_was_written_before_the_sign_in_was_trusted_waits_there_too(
    connected: Callable[..., Scim], admin: User
) -> None:
    sign_in = draft(admin)
    scim = connected(configuration={"account": "scim-acme", "believes_addresses": True, "signs_in_by": "entra"})
    ada = account(scim, scim.add("ada"))
    bob = account(scim, scim.add("bob"))
    assert not AllowedLink.objects.exists()
    identity.trust(sign_in, actor=SYSTEM, version=sign_in.version, at=timezone.now())
    assert set(AllowedLink.objects.filter(provider=sign_in).values_list("user", flat=True)) == {ada.pk, bob.pk}
    sign_in.refresh_from_db()
    assert provision(sign_in, Identified("oid-7", "ada@acme.test", True, "Ada"), at=timezone.now()) == ada


def test_naming_the_sign_in_later_lets_those_wait_who_were_written_before(
    connected: Callable[..., Scim], admin: User
) -> None:
    at = timezone.now()
    sign_in = draft(admin, trusted_at=at)
    said = {"account": "scim-acme", "believes_addresses": True, "signs_in_by": "none"}
    scim = connected(configuration=said)
    ada = account(scim, scim.add("ada"))
    fields = {"configuration": {**said, "signs_in_by": "entra"}}
    identity.change(scim.provider, actor=SYSTEM, version=scim.provider.version, at=at, **fields)
    assert provision(sign_in, Identified("oid-7", "ada@acme.test", True, "Ada"), at=at) == ada


def test_nobody_is_let_in_as_new_whom_a_provider_writes_that_was_not_asked(
    connected: Callable[..., Scim], admin: User
) -> None:
    at, scim = timezone.now(), connected()
    sign_in = draft(admin)
    with pytest.raises(WrongState, match=r"Acme writes people here .*\(entra, or “none”"):
        identity.trust(sign_in, actor=SYSTEM, version=sign_in.version, at=at)
    IdentityProvider.objects.filter(pk=sign_in.pk).update(sign_up="invited")
    sign_in.refresh_from_db()
    invited = identity.trust(sign_in, actor=SYSTEM, version=sign_in.version, at=at)
    with pytest.raises(WrongState, match="Acme writes"):
        identity.change(invited, actor=SYSTEM, version=invited.version, at=at, sign_up="everybody")
    said = {**scim.provider.configuration, "signs_in_by": "none"}
    identity.change(scim.provider, actor=SYSTEM, version=scim.provider.version, at=at, configuration=said)
    assert identity.change(invited, actor=SYSTEM, version=invited.version, at=at, sign_up="everybody")


def test_who_writes_is_asked_again_when_they_are_trusted(connected: Callable[..., Scim], admin: User) -> None:
    scim = connected(trusted_at=None)
    draft(admin, trusted_at=timezone.now())
    with pytest.raises(WrongState, match="Say by which provider"):
        identity.trust(scim.provider, actor=SYSTEM, version=scim.provider.version, at=timezone.now())


@pytest.mark.parametrize(("verified", "believed"), [(True, True), (False, True), (True, False)])
def test_who_came_in_before_is_the_same_person_and_leaves(
    connected: Callable[..., Scim], admin: User, verified: bool, believed: bool
) -> None:
    at = timezone.now() - timedelta(hours=1)
    sign_in = IdentityProvider.objects.create(
        slug="entra", name="Entra", protocol="oidc", sign_up="everybody", asked_at=at, trusted_at=at, made_by=admin
    )
    came = provision(sign_in, Identified("oid-7", "ada@acme.test", verified, "Ada"), at=timezone.now())
    scim = connected(configuration={"account": "scim-acme", "believes_addresses": believed, "signs_in_by": "entra"})
    body = scim.add("ada")
    assert (account(scim, body) == came) == (verified and believed)
    scim.patch(f"/Users/{body['id']}", *LEAVING["entra"])
    came.refresh_from_db()
    assert came.is_active != (verified and believed)


def test_what_waited_for_who_leaves_waits_for_their_substitute(scim: Scim, person: Any, payments: Team) -> None:
    body, sue, rita = scim.add("mona"), person("requester", username="sue"), person("requester", username="rita")
    mona, now = account(scim, body), timezone.now()
    steps = [Step((Part("one", frozenset([mona.pk]), 1, "one"),))]
    plan = begin(payments, steps, content_hash="a" * 64, excluded=[rita.pk], at=now, due_at=None, subject="x")
    Delegation.objects.create(
        person=mona, delegate=sue, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=1), made_at=now
    )
    scim.patch(f"/Users/{body['id']}", *LEAVING["entra"])
    assert plan.asks.get(status="open").people == [sue.pk]
    assert Notification.objects.get(subject__contains="waits for you").to == sue


def test_teams_are_made_by_nobody_here(scim: Scim) -> None:
    scim.group("Payments", scim.add("ada"))
    assert not Team.objects.filter(name="Payments").exists()


def test_what_was_written_goes_with_who_is_erased(scim: Scim) -> None:
    ada = account(scim, scim.add("ada"))
    scim.add("bob")
    assert forgetting.count(ada) == forgetting.forget(ada) == 1
    assert [one["userName"] for one in scim.get("/Users").said["Resources"]] == ["bob@acme.test"]


def test_a_provider_is_set_up_by_what_somebody_types(admin: User, person: Any, web: Any) -> None:
    person("", username="scim-okta", account_type="service")
    page = "/settings/identity/add/scim/"
    assert "/scim/v2" in web(admin).get(page).content.decode()
    said = {"name": "Okta", "slug": "okta", "sign_up": "everybody", "domains": "", "account": "nobody-of-that-name"}
    assert web(admin).post(page, said).status_code == 400
    answer = web(admin).post(page, {**said, "account": "scim-okta", "believes_addresses": "on"})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    made = IdentityProvider.objects.get(slug="okta").configuration
    assert made == {"account": "scim-okta", "believes_addresses": True, "signs_in_by": ""}


@pytest.mark.parametrize("way", ["active", "deleted"])
def test_no_detour_opens_whom_an_administrator_closed(way: str, scim: Scim, admin: User, as_actor: Any) -> None:
    made = scim.add()
    ada = account(scim, made)
    accounts.deactivate(ada, actor=as_actor(admin))
    path = f"/Users/{made['id']}"
    if way == "active":
        for said in (False, True):
            assert scim.patch(path, {"op": "replace", "path": "active", "value": said}).status_code == 200
        assert scim.get(path).said["active"] is False
    else:
        assert scim.delete(path).status_code == 204
        assert scim.post("/Users", user()).status_code == 403
    assert not User.objects.get(pk=ada.pk).is_active


def test_nobody_who_is_here_already_is_made_twice(scim: Scim, person: Any, admin: User) -> None:
    """Where nobody says by which provider people come in, an address in use is refused with the remedy, and shown."""
    ada = person("agent", username="ada.l")
    accounts.edit_person(ada, actor=SYSTEM, version=None, version_required=False, email="ada@acme.test")
    ada.set_password("a long password 1")
    ada.save()
    refused = scim.post("/Users", user("ada"))
    assert refused.status_code == 403
    assert "Somebody has this address here" in refused.said["detail"]
    assert "ada.l" not in refused.content.decode()  # who that is, is not the provider's to know
    assert RefusedSignIn.objects.get(provider=scim.provider).reason == "double"
    assert User.objects.filter(username__startswith="ada").count() == 1
    AllowedLink.objects.create(provider=scim.provider, user=ada, allowed_by=admin, at=timezone.now())
    assert account(scim, scim.add("ada")) == ada
    accounts.deactivate(ada, actor=SYSTEM)
    assert account(scim, scim.add("bob")).username == "bob"


def test_by_which_provider_people_come_in_is_asked_where_there_is_one(admin: User, person: Any) -> None:
    person("", username="scim-okta", account_type="service")
    said = {"account": "scim-okta", "believes_addresses": True, "signs_in_by": ""}
    assert checked(said)["signs_in_by"] == ""
    at = timezone.now()
    IdentityProvider.objects.create(
        slug="entra", name="Entra", protocol="oidc", sign_up="everybody", asked_at=at, trusted_at=at, made_by=admin
    )
    with pytest.raises(InvalidInput, match="entra"):
        checked(said)
    assert checked({**said, "signs_in_by": "entra"})["signs_in_by"] == "entra"
    assert checked({**said, "signs_in_by": "none"})["signs_in_by"] == "none"
    with pytest.raises(InvalidInput):
        checked({**said, "signs_in_by": "elsewhere"})
