"""Groups mean what an administrator mapped and nothing else; lists are asked by what is listed."""

from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone

from itsm.accounts.models import Team, User
from itsm.clocks import due
from itsm.scim.grammar import parse_filter
from itsm.scim.models import Owed, ScimUser
from itsm.scim.operations import following
from tests.itsm.scim.conftest import Scim
from tests.together import each_of

pytestmark = pytest.mark.django_db


def account(body: Any) -> User:
    return ScimUser.objects.get(pk=body["id"]).user


def roles(body: Any) -> list[str]:
    return sorted(account(body).roles)


def test_groups_give_what_was_mapped_and_take_it_back(scim: Scim, mapped: Any, payments: Team) -> None:
    mapped(scim.provider, "sre", role="engineer")
    mapped(scim.provider, "sre", team=payments, lead=True)
    ada, bob = scim.add("ada"), scim.add("bob")
    group = scim.group("sre", ada)
    path = f"/Groups/{group['id']}"
    assert roles(ada) == ["engineer", "requester"]
    assert payments.memberships.get().lead
    assert scim.get(f"/Users/{ada['id']}").said["groups"][0]["display"] == "sre"
    scim.patch(path, {"op": "Add", "path": "members", "value": [{"value": bob["id"]}]})
    assert roles(bob) == ["engineer", "requester"]
    scim.patch(path, {"op": "remove", "path": f'members[value eq "{ada["id"]}"]'})
    assert roles(ada) == ["requester"]
    scim.patch(path, {"op": "Remove", "path": "members", "value": [{"value": bob["id"]}]})
    assert roles(bob) == ["requester"]
    assert not payments.memberships.exists()
    scim.put(path, {"displayName": "sre", "members": [{"value": ada["id"]}, {"value": ada["id"]}]})
    assert roles(ada) == ["engineer", "requester"]
    scim.patch(path, {"op": "replace", "value": {"id": group["id"], "displayName": "others"}})
    assert roles(ada) == ["requester"]
    scim.patch(path, {"op": "replace", "path": "displayName", "value": "sre"})
    assert roles(ada) == ["engineer", "requester"]
    assert scim.delete(path).status_code == 204
    assert roles(ada) == ["requester"]


def test_a_group_that_nobody_mapped_gives_nothing(scim: Scim, mapped: Any) -> None:
    mapped(scim.provider, "admins", role="admin", trusted_at=None)  # asked for, and not confirmed
    ada = scim.add("ada")
    for name in ("admin", "admins", "administrators", "engineer", "Admins"):
        if name.casefold() != "admins" or name == "admins":
            scim.group(name, ada)
    assert roles(ada) == ["requester"]


def test_what_was_given_by_hand_stays(scim: Scim, mapped: Any) -> None:
    mapped(scim.provider, "sre", role="engineer")
    ada = scim.add("ada")
    User.objects.filter(pk=account(ada).pk).update(roles=["requester", "engineer"])
    group = scim.group("sre", ada)
    scim.delete(f"/Groups/{group['id']}")
    assert roles(ada) == ["engineer", "requester"]


def test_many_members_follow_in_a_moment(scim: Scim, mapped: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 2)
    monkeypatch.setattr(following, "_ROUND", 2)
    mapped(scim.provider, "sre", role="engineer")
    people = [scim.add(name) for name in ("a", "b", "c")]
    scim.group("sre", *people)
    assert Owed.objects.count() == 3
    assert roles(people[0]) == ["requester"]
    rounds = 0
    while due.promised(following.FOLLOWING, "identity_provider", scim.provider.pk):
        due.sweep(timezone.now())
        rounds += 1
        assert rounds < 5
    assert rounds == 2
    assert [roles(one) for one in people] == [["engineer", "requester"]] * 3
    assert not Owed.objects.exists()


@each_of(
    ("body", "status", "kind"),
    [
        ({"displayName": "SRE"}, 409, "uniqueness"),
        ({"displayName": ""}, 400, "invalidValue"),
        ({"displayName": "x", "members": [{"value": "nobody"}]}, 400, "invalidValue"),
        ({"displayName": "x", "members": [{"value": "00000000-0000-4000-8000-000000000000"}]}, 400, "invalidValue"),
        ({"displayName": "x", "members": "all"}, 400, "invalidValue"),
        ({"displayName": "x", "members": ["all"]}, 400, "invalidValue"),
    ],
)
def test_groups_that_are_refused(scim: Scim, body: dict[str, Any], status: int, kind: str) -> None:
    scim.group("sre")
    answer = scim.post("/Groups", body)
    assert (answer.status_code, answer.said.get("scimType")) == (status, kind)


FILTERS = [
    ('userName eq "ADA@acme.test"', ["ada"]),
    ('externalId eq "ext-bob"', ["bob"]),
    ('externalId eq "EXT-bob"', []),
    ('userName sw "a"', ["ada"]),
    ('userName co "%"', []),
    ('displayName co "D"', ["ada"]),
    ("active eq false", ["bob"]),
    ('active eq "True" and userName pr', ["ada"]),
    ('not (userName eq "ada@acme.test")', ["bob"]),
    ('userName eq "ada@acme.test" or userName eq "bob@acme.test"', ["ada", "bob"]),
    ('userName eq "x" or userName eq "ada@acme.test" and active eq false', []),
    ('emails.value eq "bob@acme.test"', ["bob"]),
    ('emails[value eq "BOB@acme.test"]', ["bob"]),
    ('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada@acme.test"', ["ada"]),
    ('meta.lastModified gt "2020-01-01T00:00:00Z"', ["ada", "bob"]),
    ('id eq "x"', []),
    ('groups.value eq "00000000-0000-4000-8000-000000000000"', []),
    (r'userName eq "\"; drop table \\"', []),
]


@each_of(("text", "found"), FILTERS)
def test_filters(scim: Scim, text: str, found: list[str]) -> None:
    scim.add("ada")
    scim.add("bob", active=False)
    answer = scim.get(f"/Users?filter={quote(text)}")
    assert answer.status_code == 200, answer.said
    assert [one["userName"].partition("@")[0] for one in answer.said["Resources"]] == found
    assert answer.said["totalResults"] == len(found)
    searched = scim.post(
        "/Users/.search",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": text,
            "attributes": ["userName"],
        },
    )
    assert [one["id"] for one in searched.said["Resources"]] == [one["id"] for one in answer.said["Resources"]]


@each_of(
    "text",
    [
        "userName", "userName eq", "userName eq ada", 'userName is "x"', "(userName pr", "userName pr)", 'eq "x"',
        'password eq "x"', 'user.password sw "a"', 'roles eq "admin"', "provider pr", "user__password pr", "userName gt 7",
        'userName eq "x" and', "active gt true", 'meta.created gt "yesterday"', 'emails[type eq "work"]', "not userName pr",
        'userName eq "\\u0000"', "(" * 30 + "userName pr" + ")" * 30, " or ".join(["userName pr"] * 60), "x" * 3000, "\u2028",
    ],
)  # fmt: skip
def test_filters_that_are_refused(scim: Scim, text: str) -> None:
    answer = scim.get(f"/Users?filter={quote(text)}")
    assert (answer.status_code, answer.said["scimType"]) == (400, "invalidFilter")


def test_pages_of_a_list(scim: Scim) -> None:
    for name in "abcde":
        scim.add(name)
    first = scim.get("/Users?startIndex=2&count=2").said
    assert (first["totalResults"], first["startIndex"], first["itemsPerPage"]) == (5, 2, 2)
    assert [one["userName"][0] for one in first["Resources"]] == ["b", "c"]
    assert scim.get("/Users?startIndex=-7&count=-1").said["Resources"] == []
    assert scim.get("/Users?startIndex=99").said["Resources"] == []
    assert scim.get("/Users?count=0").said["totalResults"] == 5
    assert scim.get("/Users?count=x").status_code == 400
    assert set(scim.get("/Users?attributes=userName&count=1").said["Resources"][0]) == {"schemas", "id", "userName"}
    assert "emails" not in scim.get("/Users?excludedAttributes=emails").said["Resources"][0]


def test_a_group_may_be_read_without_its_members(scim: Scim) -> None:
    group = scim.group("sre", scim.add("ada"))
    assert "members" not in scim.get(f"/Groups/{group['id']}?excludedAttributes=members").said
    assert len(scim.get('/Groups?filter=displayName%20eq%20"SRE"').said["Resources"][0]["members"]) == 1


def test_and_binds_closer_than_or() -> None:
    found = parse_filter('a eq 1 or b eq 2 and not (c pr) and d[e eq "f"]')
    assert "Joined(word='or'" in repr(found)
    assert repr(found).index("'or'") < repr(found).index("'and'")
