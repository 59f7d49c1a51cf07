"""Backstage: the template's sample, the tables of kinds, relations and life cycle, and ten bad documents."""

from typing import Any

import pytest

from tests.catalog.formats.samples import DATA, claims, document, entity, in_yaml, needs_data, reading, reasons


@needs_data
def test_the_sample_of_its_template_is_read_whole() -> None:
    files = [(DATA / "backstage" / name).read_bytes() for name in ("entities.yaml", "org.yaml")]
    found = reading("backstage", *files)
    assert (found.count, len(found.documents), len(found.teams), len(found.people)) == (5, 3, 1, 1)
    assert (found.relations, found.refused, found.broken) == (3, (), False)
    assert document(found, "component:default/example-website").identifiers == {"slug": "example-website"}
    assert found.people[0].teams == (found.teams[0].key,)
    assert not any("Exampler" in str(one) for one in found.documents)  # the definition of an API is not read


@pytest.mark.parametrize(
    ("kind", "type_", "class_slug"),
    [
        ("Domain", None, "domain"), ("System", None, "system"), ("Component", "service", "technical_service"),
        ("Component", "website", "technical_service"), ("Component", "library", "application"), ("API", "grpc", "api"),
        ("Resource", "database", "database"), ("Resource", "s3-bucket", "bucket"), ("Resource", "queue", "queue"),
        ("Resource", "kubernetes-cluster", "kubernetes_cluster"), ("Resource", "satellite", "resource"),
    ],
)  # fmt: skip
def test_each_kind_has_its_class(kind: str, type_: str | None, class_slug: str) -> None:
    [found] = reading("backstage", entity(kind, "one", type=type_)).documents
    assert (found.class_slug, found.owner) == (class_slug, "payments")


@pytest.mark.parametrize(
    ("lifecycle", "status", "flagged"),
    [
        ("experimental", "building", False),
        ("production", "active", False),
        ("deprecated", "active", True),
        ("sunset", "active", False),
    ],
)
def test_the_life_cycle_follows_and_what_is_deprecated_is_noted(lifecycle: str, status: str, flagged: bool) -> None:
    found = reading("backstage", entity("Component", "one", lifecycle=lifecycle))
    assert found.documents[0].status == status
    assert [one.kind for one in found.noted] == (["deprecated"] if flagged else [])
    assert found.documents[0].attributes.get("deprecated", False) is flagged


def test_relations_go_the_way_they_are_meant() -> None:
    found = reading(
        "backstage",
        in_yaml(
            entity("Component", "Shop_Front", system="shop", subcomponentOf="portal", providesApis=["web"],
                   consumesApis=["other/pay"], dependsOn=["resource:db", "Component:Cart"], dependencyOf="component:mail"),
            entity("System", "shop", domain="retail"), entity("Domain", "grocery", subdomainOf="retail"),
        ),
    )  # fmt: skip
    front = "component:default/shop_front"
    assert claims(found) == {
        (front, "part_of", "system:default/shop"), (front, "part_of", "component:default/portal"),
        (front, "provides", "api:default/web"), (front, "consumes", "api:other/pay"),
        (front, "depends_on", "resource:default/db"), (front, "depends_on", "component:default/cart"),
        ("component:default/mail", "depends_on", front), ("system:default/shop", "part_of", "domain:default/retail"),
        ("domain:default/grocery", "part_of", "domain:default/retail"),
    }  # fmt: skip
    assert document(found, front).identifiers == {"slug": "shop-front"}


def test_groups_are_teams_and_users_are_only_named() -> None:
    found = reading(
        "backstage",
        in_yaml(
            entity(
                "Group",
                "payments",
                parent="retail",
                children=["ledger"],
                members=["ada"],
                profile={"displayName": "Payments"},
            ),
            entity("User", "ada", memberOf=["payments"], profile={"displayName": "Ada", "email": "ada@shop.example"}),
            entity("User", "eve", memberOf=[], profile={"email": "no address"}),
        ),
    )
    [team] = found.teams
    assert (team.slug, team.name, team.parent, team.children) == (
        "payments",
        "Payments",
        "group:default/retail",
        ("group:default/ledger",),
    )
    assert [(one.login, one.name, one.email) for one in found.people] == [
        ("ada", "Ada", "ada@shop.example"),
        ("eve", "eve", None),
    ]


def test_a_person_as_owner_is_noted_and_the_item_stays() -> None:
    found = reading("backstage", entity("Component", "one", owner="user:ada"))
    assert (found.documents[0].owner, [one.kind for one in found.noted]) == (None, ["owner-is-person"])


def test_only_links_of_the_web_and_listed_annotations_are_kept() -> None:
    metadata = {
        "links": [{"url": "https://runbook.example"}, {"url": "javascript:alert(1)"}, {"url": 5}], "tags": ["java"],
        "annotations": {"pagerduty.com/id": "P1", "vault/token": "x"}, "labels": {"a": "b"},
    }  # fmt: skip
    [found] = reading(
        "backstage", entity("Component", "one", metadata), annotations=frozenset(["pagerduty.com/id"])
    ).documents
    assert found.attributes["links"] == ["https://runbook.example"]
    assert found.attributes["annotations"] == ["pagerduty.com/id=P1"]
    assert found.attributes["labels"] == ["a=b", "java"]


BAD: list[tuple[Any, str, str]] = [
    (entity("Location", "all", targets=["https://evil.example/all.yaml"]), "Location:all", "pointer"),
    (entity("Template", "new"), "Template:new", "describes no item"),
    (entity("Spaceship", "x"), "Spaceship:x", "Spaceship"),
    (entity("Component", "a b"), "Component:a b", "1 to 63"),
    (entity("Component", "x" * 64), f"Component:{'x' * 64}", "1 to 63"),
    (entity("Component", "lost", owner=None), "Component:lost", "no owner"),
    (entity("Component", "odd", dependsOn=[{"$text": "https://evil.example"}]), "Component:odd", "spec.dependsOn"),
    (entity("Component", "old") | {"apiVersion": "backstage.io/v9"}, "Component:old", "apiVersion"),
    ({"metadata": {"name": "x"}}, "file-0, document 9", "no kind"),
    ("a text", "file-0, document 10", "no kind"),
]  # fmt: skip


def test_ten_bad_documents_are_named_each_with_its_reason() -> None:
    good = [entity("Component", "first"), entity("Component", "last")]
    found = reading("backstage", in_yaml(*(one for one, _, _ in BAD), *good))
    assert [one.name for one in found.documents] == ["first", "last"]
    assert found.count == 12
    assert [one.document for one in found.refused] == [shown for _, shown, _ in BAD]
    for one, (_, _, part) in zip(found.refused, BAD, strict=True):
        assert part in one.reason


def test_a_key_or_a_slug_given_twice_is_refused_where_it_stands_again() -> None:
    found = reading(
        "backstage",
        in_yaml(
            entity("Component", "Cart"),
            entity("Component", "cart"),
            entity("Component", "c.art"),
            entity("Component", "c-art"),
        ),
    )
    assert [one.name for one in found.documents] == ["Cart", "c.art"]
    assert "document 1" in reasons(found)["Component:cart"]
    assert "Component:c.art" in reasons(found)["Component:c-art"]
