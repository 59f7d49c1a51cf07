"""A class below asks more of a field that it inherits, never less; a field may point to an item."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.cmdb import operations as items
from catalog.cmdb.queries import fields as fields_read
from catalog.health.operations import examine
from catalog.models import CI, CIClass, Finding
from itsm.accounts.models import Team, User
from itsm.audit.models import Entry
from itsm.fields import operations, queries, values
from itsm.fields.filtering import csv_columns, terms_for
from itsm.fields.models import Field, Narrowing
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation
from tests.factories.catalog import KEEPER, a_class, an_item
from tests.together import each_of

pytestmark = pytest.mark.django_db
SITES = [{"key": key, "label": key.title()} for key in ("berlin", "oslo", "rome")]


@pytest.fixture
def keeper(admin: User, as_actor: Callable[[User], Actor]) -> Actor:
    return as_actor(admin)


@pytest.fixture
def below() -> CIClass:
    """A class below that of virtual machines."""
    return items.add_class(actor=KEEPER, slug="small_machine", name="Small machine", parent=a_class("virtual_machine"))


def field(keeper: Actor, key: str, kind: str, owner: str = "ci:virtual_machine", **more: Any) -> Field:
    return operations.add_field(actor=keeper, owner=owner, key=key, type=kind, label=key.title(), **more)


def tighten(keeper: Actor, one: Field, owner: str = "ci:small_machine", **asked: Any) -> Field:
    one.refresh_from_db()
    return operations.narrow_field(one, actor=keeper, version=one.version, owner=owner, **asked)


def as_had(owner: str, key: str) -> Field:
    return next(one for one in queries.all_fields(owner) if one.key == key)


def test_a_class_below_asks_more_and_the_one_above_stays_as_it_was(keeper: Actor, below: CIClass) -> None:
    site = field(keeper, "site", "choice", options=SITES, default="rome")
    cores = field(keeper, "cores", "whole", rules={"min": 1, "max": 64}, default=32)
    tighten(keeper, site, required="create", options=["oslo", "berlin"])
    tighten(keeper, cores, rules={"max": 8})
    had = as_had("ci:small_machine", "site")
    assert (had.required, had.default) == ("create", None), "a default that may not be chosen is none"
    for key, fits, odd in (("site", "oslo", "rome"), ("cores", 8, 9)):
        there, above = as_had("ci:small_machine", key), as_had("ci:virtual_machine", key)
        assert values.judged(there, fits, actor=KEEPER) == fits
        assert values.judged(above, odd, actor=KEEPER) == odd
        with pytest.raises(ValueError, match=r"Choose one of berlin, oslo\.|At most 8\."):
            values.judged(there, odd, actor=KEEPER)
    assert as_had("ci:small_machine", "cores").default is None
    with pytest.raises(MissingInformation, match="Site"):
        items.open_item(actor=keeper_of_items(keeper), ci_class=below, name="s-1")
    made = items.open_item(actor=keeper_of_items(keeper), ci_class=below, name="s-1", attributes={"site": "oslo"})
    assert made.attributes == {"site": "oslo"}


def keeper_of_items(keeper: Actor) -> Actor:
    """An administrator who keeps items too."""
    from dataclasses import replace

    from itsm.kernel.actors import Role

    return replace(keeper, roles=keeper.roles | {Role.MANAGER})


@each_of(
    ("kind", "inherited", "asked"),
    [
        ("whole", {"rules": {"min": "3", "max": "9"}}, {"rules": {"max": 10}}),
        ("whole", {"rules": {"min": "3"}}, {"rules": {"min": 2}}),
        ("whole", {"rules": {"min": "3"}}, {"rules": {"max": 2}}),
        ("decimal", {"rules": {"scale": 2}}, {"rules": {"scale": 3}}),
        ("text", {"rules": {"max_length": 9}}, {"rules": {"max_length": 10}}),
        ("text", {"rules": {"prefix": "AT-"}}, {"rules": {"prefix": "A"}}),
        ("text", {"rules": {"shape": "ip"}}, {"rules": {"shape": "mail"}}),
        ("text", {}, {"options": ["a"]}),
        ("link", {"rules": {"hosts": ["example.org"]}}, {"rules": {"hosts": ["example.com"]}}),
        ("date", {"rules": {"min": "2026-01-01"}}, {"rules": {"min": "2025-12-31"}}),
        ("choice", {"options": SITES}, {"options": []}),
        ("choice", {"options": SITES}, {"options": ["paris"]}),
        ("text", {"required": "create"}, {"required": "resolve"}),
        ("text", {}, {"owner": "ci:printer"}),
        ("text", {}, {"owner": "ci:virtual_machine"}),
        ("text", {}, {"rules": {"min": 3}}),
    ],
)
def test_what_is_looser_than_inherited_or_none_of_its_own_is_refused(
    kind: str, inherited: Any, asked: Any, keeper: Actor, below: CIClass
) -> None:
    one = field(keeper, "some", kind, **inherited)
    with pytest.raises(InvalidInput) as refused:
        tighten(keeper, one, **asked)
    assert str(refused.value).endswith(".")
    assert not Narrowing.objects.exists()


def test_an_edit_above_never_makes_a_class_below_looser_and_tightening_goes_on_down(keeper: Actor) -> None:
    cores = field(keeper, "cores", "whole", owner="ci:server", rules={"max": 64})
    items.add_class(actor=KEEPER, slug="tiny", name="Tiny", parent=a_class("virtual_machine"))
    tighten(keeper, cores, "ci:virtual_machine", rules={"max": 16}, recommended=True)
    with pytest.raises(InvalidInput, match="16"):
        tighten(keeper, cores, "ci:tiny", rules={"max": 17})
    tighten(keeper, cores, "ci:tiny", rules={"max": 4})
    for rules, expected in (({"max": 100}, ("100", "16", "4")), ({"max": 8}, ("8", "8", "4"))):
        cores.refresh_from_db()
        operations.edit_field(cores, actor=keeper, version=cores.version, rules=rules)
        owners = ("ci:server", "ci:virtual_machine", "ci:tiny")
        assert tuple(as_had(owner, "cores").rules["max"] for owner in owners) == expected
    assert [as_had(owner, "cores").recommended for owner in owners] == [False, True, True]
    told = Entry.objects.filter(event="field.narrowed").order_by("id")
    assert told[0].changes["rules"] == [{}, {"max": "16"}]
    tighten(keeper, cores, "ci:tiny")
    assert Narrowing.objects.count() == 1, "what asks nothing is none"


@pytest.mark.parametrize(
    ("kind", "made", "child", "parent"),
    [
        ("choice", {"options": SITES}, {"options": ["rome"]}, {"options": ["oslo", "berlin"]}),
        ("whole", {"rules": {"max": 64}}, {"rules": {"max": 4}}, {"rules": {"min": 8}}),
    ],
)
def test_what_would_leave_a_class_below_nothing_is_refused_and_names_it(
    kind: str, made: Any, child: Any, parent: Any, keeper: Actor, below: CIClass
) -> None:
    some = field(keeper, "some", kind, owner="ci:server", **made)
    tighten(keeper, some, **child)
    with pytest.raises(InvalidInput, match="Small machine"):
        tighten(keeper, some, "ci:virtual_machine", **parent)
    assert Narrowing.objects.count() == 1
    some.refresh_from_db()
    above = {"options": [one for one in SITES if one["key"] != "rome"]} if kind == "choice" else parent
    with pytest.raises(InvalidInput, match="Small machine"):
        operations.edit_field(some, actor=keeper, version=some.version, **above)


@pytest.mark.parametrize(
    ("kind", "rules", "near"),
    [
        ("ci", {"class": "virtual_machin"}, "virtual_machine"),
        ("person", {"role": "enginer"}, "engineer"),
        ("person", {"team": "nobody-here"}, "nobody-here"),
    ],
)
def test_a_rule_names_only_what_there_is(
    kind: str, rules: dict[str, str], near: str, keeper: Actor, below: CIClass
) -> None:
    with pytest.raises(InvalidInput, match=near):
        field(keeper, "some", kind, rules=rules)
    some = field(keeper, "some", kind)
    with pytest.raises(InvalidInput, match=near):
        tighten(keeper, some, rules=rules)
    with pytest.raises(InvalidInput, match=near):
        operations.edit_field(some, actor=keeper, version=some.version, rules=rules)


def test_a_team_that_was_retired_since_keeps_no_field_from_being_edited(keeper: Actor, payments: Team) -> None:
    some = field(keeper, "some", "person", rules={"team": payments.slug})
    Team.objects.filter(pk=payments.pk).update(retired_at=timezone.now())
    assert operations.edit_field(some, actor=keeper, version=some.version, label="Who").label == "Who"


def test_health_tells_where_a_recommended_field_is_empty_and_asks_for_what_a_class_requires(keeper: Actor) -> None:
    rack = field(keeper, "rack", "text", owner="ci:server")
    team = an_item().team
    machine = an_item(description="What it is.", support_team=team)
    host = an_item("physical_server", description="What it is.", support_team=team)

    def found(item: CI) -> set[tuple[str, str]]:
        examine(None, actor=KEEPER, at=item.created_at)
        rows = Finding.objects.filter(ci=item, cleared_at=None, finding_kind__in=["full", "complete"])
        return {(one.finding_kind, str(one.detail)) for one in rows}

    assert found(machine) == set()
    tighten(keeper, rack, "ci:virtual_machine", recommended=True)
    assert found(machine) == {("full", "{'fields': [], 'recommended': ['Rack']}")}
    assert found(host) == set()
    tighten(keeper, rack, "ci:virtual_machine", recommended=True, required="create")
    assert found(machine) == {("complete", "{'fields': ['Rack']}")}
    with pytest.raises(InvalidInput, match="recommended"):
        operations.add_field(actor=keeper, owner="incident", key="floor", type="text", label="Floor", recommended=True)


def test_an_administrator_tightens_a_field_on_the_page_of_the_class(
    keeper: Actor, below: CIClass, admin: User, web: Callable[[User], Client]
) -> None:
    site = field(keeper, "site", "choice", options=SITES)
    page = web(admin).get(below.get_absolute_url()).content.decode()
    path = f"/fields/{site.pk}/narrow/ci:small_machine/"
    assert path in page
    shown = web(admin).get(path).content.decode()
    assert "Berlin" in shown
    assert "inherited from Virtual machine" in shown
    sent = {"required": "create", "recommended": "on", "options": ["oslo"], "version": site.version}
    assert web(admin).post(path, sent).status_code == 302
    said = Narrowing.objects.get()
    assert (said.required, said.recommended, said.options) == ("create", True, ["oslo"])
    assert path in web(admin).get(site.get_absolute_url()).content.decode()
    assert 'value="oslo"' in web(admin).get(path).content.decode()
    assert web(admin).post(path, sent).status_code == 412


def test_a_field_points_to_an_item_that_its_writer_sees_of_the_class_it_is_held_to(
    keeper: Actor, engineer: User, as_actor: Callable[[User], Actor]
) -> None:
    host = an_item("physical_server", name="host-7")
    secret = an_item("physical_server", name="vault", confidential=True)
    one = field(keeper, "twin", "ci", rules={"class": "server"})
    writer = as_actor(engineer)
    assert values.judged(one, host.reference.lower(), actor=writer) == host.pk
    printer = an_item("printer")
    retired = items.retire(an_item("physical_server"), actor=KEEPER, reason="Old")
    for odd in (secret.reference, printer.reference, retired.reference, "CI-99999999", "host-7", 7, "CI-"):
        with pytest.raises(ValueError, match="none of this name"):
            values.judged(one, odd, actor=writer)
    machine = an_item(attributes={"twin": host.reference})
    hidden = an_item(attributes={"twin": secret.reference})
    column = next(each for each in csv_columns("ci:virtual_machine", writer, works_here=True) if each.name == "cf.twin")
    names = queries.Names(writer, [one], [machine.attributes, hidden.attributes])
    assert column.cell(machine.attributes, names) == host.reference
    assert column.cell(hidden.attributes, names) == ""
    term = terms_for("ci:virtual_machine")["cf.twin"]
    assert list(CI.objects.filter(term.any_of([host.reference], writer))) == [machine]
    with pytest.raises(ValueError, match="none called"):
        term.any_of([secret.reference], writer)


def test_what_a_page_of_an_item_reads_of_its_class_is_what_the_class_has(
    keeper: Actor, below: CIClass, django_assert_num_queries: Any
) -> None:
    tighten(keeper, field(keeper, "site", "choice", options=SITES), required="create", options=["oslo"])
    tighten(keeper, field(keeper, "cores", "whole", rules={"min": 1, "max": 64}), rules={"max": 8})
    field(keeper, "rack", "text", owner="ci:physical_server")
    below.refresh_from_db()
    read = {}
    for reading in (fields_read.read_all_fields, lambda actor: fields_read.read_fields_of(below, actor)):
        actor = replace(keeper, memo={})
        with django_assert_num_queries(4):
            reading(actor)
            one_by_one = [(one.key, one.required, one.rules, one.set_id) for one in queries.live(below.owner, actor)]
        read[len(actor.memo or {})] = one_by_one
    assert len(read) == 2, "one of them reads every class"
    plain = [(one.key, one.required, one.rules, one.set_id) for one in queries.all_fields(below.owner)]
    assert list(read.values()) == [plain, plain]
