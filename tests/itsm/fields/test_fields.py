"""Typed fields: each type from definition to form, REST, CSV and filter; renamed, retired, purged."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.clocks import due
from itsm.fields import operations, owners, queries, rules
from itsm.fields.filtering import csv_columns, terms_for
from itsm.fields.models import Field, FieldSet, FieldValue
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotPermitted, WrongState
from tests.api.world import World, bearer, browser, token_of
from tests.together import each_of

pytestmark = pytest.mark.django_db
XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7|add:7 }}<b>",
    "' autofocus onfocus='alert(1)<",
)
SITES = [{"key": "berlin", "label": "Berlin"}, {"key": "oslo", "label": "Oslo"}]
# type -> (options, what is sent, what is typed on the page, what is shown, its cell, words that find it, words that do not)
TYPES: dict[str, tuple[Any, Any, Any, str, str, list[str], list[str]]] = {
    "text": ([], "AB 12", "AB 12", "AB 12", "AB 12", ["AB 12"], ["AB 13"]),
    "long": ([], "one\ntwo", "one\r\ntwo", "one\ntwo", "one\ntwo", ["one\ntwo"], ["one"]),
    "whole": ([], 42, "42", "42", "42", ["42"], ["43"]),
    "decimal": ([], "12.50", "12.50", "12.5", "12.5", ["12.5"], ["12"]),
    "yes_no": ([], False, "no", "no", "no", ["no"], ["yes"]),
    "choice": (SITES, "oslo", "oslo", "Oslo", "oslo", ["berlin", "oslo"], ["berlin"]),
    "choices": (SITES, ["oslo", "berlin"], ["oslo", "berlin"], "Berlin, Oslo", "berlin;oslo", ["oslo"], []),
    "date": ([], "2026-11-28", "2026-11-28", "2026-11-28", "2026-11-28", [], []),
    "instant": ([], "2026-11-28T14:05:00+02:00", "2026-11-28T12:05", "2026-11-28T12:05:00Z", "2026-11-28T12:05:00Z", [], []),
    "person": ([], "engineer", "engineer", "engineer", "engineer", ["engineer"], ["agent"]),
    "team": ([], "payments", "payments", "Payments", "payments", ["payments"], []),
    "service": ([], "checkout", "checkout", "Checkout", "checkout", ["checkout"], []),
    "ci": ([], "ITEM", "ITEM", "web-01", "ITEM", ["ITEM"], []),
    "link": ([], "https://example.org/a", "https://example.org/a", "https://example.org/a", "https://example.org/a", ["https://example.org/a"], []),
}  # fmt: skip


@pytest.fixture(autouse=True)
def company(world: World) -> World:
    """The standing company, with no field but those that a test adds."""
    Field.objects.all().delete()
    return world


def actor(name: str) -> Actor:
    return actor_for(User.objects.get(username=name), Door.WEB)


def client(name: str) -> APIClient:
    return bearer(token_of(User.objects.get(username=name)))


def page(name: str) -> Client:
    return browser(User.objects.get(username=name))


def added(key: str = "site", type: str = "text", label_: str = "", **more: Any) -> Field:
    label = label_ or key.title()
    return operations.add_field(actor=actor("admin"), owner="incident", key=key, type=type, label=label, **more)


def opened(**sent: Any) -> Any:
    return client("agent").post("/api/v1/incidents/", {"title": "Slow", "attributes": sent}, format="json")


def incident_of(answer: Any) -> Incident:
    return Incident.objects.get(pk=int(answer.json()["number"][4:]))


@pytest.mark.parametrize("type_", TYPES)
def test_a_field_of_each_type_is_in_rest_page_csv_and_filter_at_once(type_: str, company: World) -> None:
    options, sent, typed, shown, cell, finds, misses = TYPES[type_]
    if type_ == "ci":
        sent = typed = cell = company.item.reference
        finds = [sent]
    added("x", type_, options=options)
    answer = opened(x=sent)
    assert answer.status_code == 201, answer.json()
    made = incident_of(answer)
    ours = Incident.objects.filter(pk=made.pk)

    assert shown in page("agent").get(made.get_absolute_url()).content.decode() or type_ in {"instant", "long"}
    (column,) = csv_columns("incident", actor("agent"), works_here=True)
    assert (
        column.name,
        column.cell(made.attributes, queries.Names(actor("agent"), [column.field], [made.attributes])),
    ) == ("cf.x", cell)
    term = terms_for("incident")["cf.x"]
    if finds:
        assert ours.filter(term.any_of(finds, actor("agent"))).exists()
        assert not misses or not ours.filter(term.any_of(misses, actor("agent"))).exists()

    web = page("agent")
    posted = web.post("/incidents/new/", {"title": "By page", "channel": "phone", "attributes.x": typed})
    assert posted.status_code == 302, posted.content.decode()
    by_page = Incident.objects.get(title="By page")
    assert by_page.attributes == made.attributes
    form = web.get(f"{by_page.get_absolute_url()}rewrite/").content.decode()
    assert 'name="attributes.x"' in form
    kept = web.post(f"{by_page.get_absolute_url()}rewrite/", {"title": "By page", "version": 1, "attributes.x": typed})
    assert kept.status_code == 302
    by_page.refresh_from_db()
    assert (by_page.version, by_page.attributes) == (1, made.attributes), "what nobody touched is no edit"

    taken = client("agent").patch(
        f"/api/v1/incidents/{made.reference}/", {"attributes": {"x": None}}, format="json", HTTP_IF_MATCH='"1"'
    )
    assert (taken.status_code, taken.json()["attributes"]) == (200, {"x": None})
    assert ours.filter(term.empty()).exists()


@pytest.mark.parametrize(
    ("type_", "sent", "low", "high"),
    [
        ("whole", 7, ("7", "8"), ("8", "9")),
        ("decimal", "-1.5", ("-1.5", "-1.5"), ("-1.4", "")),
        ("date", "2026-11-28", ("2026-11-28", "2026-11-28"), ("2026-11-29", "")),
        ("instant", "2026-11-28T23:30:00Z", ("2026-11-28", "2026-11-28"), ("2026-11-28T23:31:00Z", "")),
        ("date", "2026-11-28", ("", "2026-11-28"), ("", "2026-11-27")),
    ],
)
def test_ranges_are_found_by_the_side_table_that_follows_every_write(
    type_: str, sent: Any, low: Any, high: Any
) -> None:
    field = added("x", type_)
    made = incident_of(opened(x=sent))
    term = terms_for("incident")["cf.x"]
    ours = Incident.objects.filter(pk=made.pk)
    assert ours.filter(term.between(*low)).exists()
    assert not ours.filter(term.between(*high)).exists()
    incidents.edit(made, actor=actor("agent"), version=1, attributes={"x": None})
    assert not FieldValue.objects.exists()
    assert not ours.filter(term.between("", "")).exists()
    incidents.edit(made, actor=actor("agent"), version=2, attributes={"x": sent})
    operations.edit_field(field, actor=actor("admin"), version=1, filterable=False)
    assert not FieldValue.objects.exists()
    operations.edit_field(field, actor=actor("admin"), version=2, filterable=True)
    assert ours.filter(terms_for("incident")["cf.x"].between(*low)).exists()


@each_of(
    ("type_", "rules", "raw"),
    [
        ("text", {}, 7), ("text", {}, "a\nb"), ("text", {}, "x" * 501), ("text", {"prefix": "AT-"}, "BT-1"),
        ("text", {"max_length": 3}, "four"), ("text", {"shape": "mail"}, "a@b"), ("text", {"shape": "ip"}, "fe80::1%eth0"),
        ("text", {"shape": "host"}, "-a.example"), ("text", {"shape": "phone"}, "+ ()"), ("text", {"shape": "serial"}, "a b"),
        ("text", {"shape": "postcode"}, "x" * 11), ("whole", {"min": 0}, -1), ("long", {}, "a\x07"), ("long", {}, "x" * 10_001),
        ("whole", {}, True), ("whole", {}, "7"), ("whole", {}, 10**16), ("whole", {"min": 3}, 2), ("whole", {"max": 3}, 4),
        ("decimal", {}, "NaN"), ("decimal", {}, "1e5"), ("decimal", {}, "0.0000001"), ("decimal", {"scale": 2}, "0.001"), ("decimal", {}, True),
        ("yes_no", {}, "yes"), ("yes_no", {}, 1), ("date", {}, "2026-02-30"), ("date", {}, 20261128), ("date", {}, "28.11.2026"),
        ("date", {"not_past": True}, "2001-01-01"), ("date", {"min": "2026-01-01"}, "2025-12-31"), ("instant", {}, "2026-11-28T14:05:00"),
        ("instant", {"not_future": True}, "9000-01-01T00:00:00Z"), ("instant", {}, "2026-11-28T25:00:00Z"), ("person", {}, "nobody-here"),
        ("person", {}, 1), ("person", {"role": "manager"}, "agent"), ("team", {}, "none"), ("ci", {}, "CI-99999"), ("ci", {}, "web-01"), ("ci", {}, 1), ("ci", {"class": "printer"}, "CI-00001"), ("service", {}, ["checkout"]),
        ("link", {}, "http://example.org"), ("link", {}, "javascript:alert(1)"), ("link", {}, "https://u:p@example.org/"),
        ("link", {"hosts": ["example.org"]}, "https://evilexample.org/"), ("link", {}, "https://exa mple.org"), ("link", {}, "https://[::1"),
        ("text", {}, {"a": 1}), ("choice", {}, "paris"), ("choice", {}, ["oslo"]), ("choices", {}, "oslo"), ("choices", {}, ["paris"]),
        ("choices", {}, [["oslo"]]), ("choices", {}, [None]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_a_pointer_to_the_field(type_: str, rules: Any, raw: Any) -> None:
    added("x", type_, rules=rules, options=SITES if type_.startswith("choice") else [])
    answer = opened(x=raw)
    assert answer.status_code == 400, answer.json()
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/attributes/x"]
    assert not Incident.objects.filter(title="Slow").exists()


@pytest.mark.parametrize(
    ("type_", "rule", "sent"), [("whole", "min", []), ("whole", "max", False), ("text", "prefix", [])]
)
def test_a_rule_that_only_looks_empty_is_refused(type_: str, rule: str, sent: Any) -> None:
    """Nothing is what each rule calls nothing: of a number neither an empty list nor a no."""
    with pytest.raises(ValueError, match=rule):
        rules.checked(type_, {rule: sent})
    assert rules.checked(type_, {rule: None}) == {}


def test_an_unknown_key_hears_the_near_one() -> None:
    added("site")
    answer = opened(stie="x")
    assert answer.status_code == 400
    assert "Did you mean site?" in answer.json()["errors"][0]["detail"]
    assert (
        client("agent").post("/api/v1/incidents/", {"title": "S", "attributes": [1]}, format="json").status_code == 400
    )


def test_all_fields_together_stay_below_what_the_database_takes() -> None:
    for key in "abcd":
        added(key, "long")
    answer = opened(**dict.fromkeys("abcd", "\N{PILE OF POO}" * 5000))
    assert answer.status_code == 400
    assert "too much" in answer.json()["errors"][0]["detail"]


def test_required_fields_are_asked_for_in_their_time_and_listed() -> None:
    added("site", required="create")
    added("cause", required="resolve", filterable=False)
    answer = opened()
    assert (answer.status_code, answer.json()["missing"]) == (422, ["Site"])
    assert page("agent").post("/incidents/new/", {"title": "x", "channel": "phone"}).status_code == 422
    made = incident_of(opened(site="Oslo"))
    words = {"resolution": "x", "resolution_code": "solved"}
    with pytest.raises(MissingInformation) as refused:
        incidents.resolve(made, actor=actor("agent"), **words)
    assert refused.value.extra["missing"] == ["Cause"]
    with pytest.raises(InvalidInput, match="may not be empty"):
        incidents.edit(made, actor=actor("agent"), version=1, attributes={"site": None})
    incidents.edit(made, actor=actor("agent"), version=1, attributes={"cause": "heat"})
    assert incidents.resolve(made, actor=actor("agent"), **words).status == "resolved"


def test_requesters_see_and_fill_in_what_they_are_meant_to_and_nothing_else() -> None:
    added("inner", default="secret words", required="create")
    added("phone", requester_sees=True, requester_fills=True)
    caller = client("requester")
    refused = caller.post("/api/v1/incidents/", {"title": "x", "attributes": {"inner": "y"}}, format="json")
    unknown = caller.post("/api/v1/incidents/", {"title": "x", "attributes": {"zzzzz": "y"}}, format="json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["detail"] == unknown.json()["errors"][0]["detail"], "hidden answers as absent"
    answer = caller.post("/api/v1/incidents/", {"title": "x", "attributes": {"phone": "123"}}, format="json")
    assert (answer.status_code, answer.json()["attributes"]) == (201, {"phone": "123"})
    made = incident_of(answer)
    assert made.attributes == {"inner": "secret words", "phone": "123"}
    incidents.edit(made, actor=actor("agent"), version=1, attributes={"inner": "other secret"})
    told = page("agent").get(made.get_absolute_url()).content.decode()
    assert "secret words" in told, "the history says what stood there, to who may read it"
    seen = page("requester").get(made.get_absolute_url()).content.decode()
    assert "123" in seen
    assert "secret" not in seen
    assert client("agent").get(f"/api/v1/incidents/{made.reference}/").json()["attributes"]["inner"] == "other secret"
    form = page("requester").get("/incidents/new/").content.decode()
    assert "attributes.phone" in form
    assert "attributes.inner" not in form


def test_only_touched_values_are_judged_by_new_rules_and_retired_options_may_stay() -> None:
    field = added("site", "choice", options=SITES)
    text = added("tag")
    made = incident_of(opened(site="oslo", tag="old"))
    operations.edit_field(field, actor=actor("admin"), version=1, options=SITES[:1])
    operations.edit_field(text, actor=actor("admin"), version=1, rules={"prefix": "AT-"})
    web = page("agent")
    sent = {"title": "Slow!", "description": "", "version": 1, "attributes.site": "oslo", "attributes.tag": "old"}
    assert web.post(f"{made.get_absolute_url()}rewrite/", sent).status_code == 302
    made.refresh_from_db()
    assert (made.title, made.attributes) == ("Slow!", {"site": "oslo", "tag": "old"})
    assert "Oslo" in web.get(made.get_absolute_url()).content.decode()
    assert opened(site="oslo").status_code == 400
    assert (
        web.post(f"{made.get_absolute_url()}rewrite/", sent | {"version": 2, "attributes.tag": "new"}).status_code
        == 422
    )


def test_a_label_changes_freely_the_key_never_and_a_type_only_widens() -> None:
    field = added("size", "whole")
    made = incident_of(opened(size=7))
    operations.edit_field(field, actor=actor("admin"), version=1, label="Weight", type="decimal")
    assert "Weight" in page("agent").get(made.get_absolute_url()).content.decode()
    term = terms_for("incident")["cf.size"]
    assert Incident.objects.filter(term.any_of(["7"], actor("agent")), term.between("6.5", "7")).get() == made
    with pytest.raises(InvalidInput, match="A type never changes"):
        operations.edit_field(field, actor=actor("admin"), version=2, type="whole")
    with pytest.raises(InvalidInput):
        operations.edit_field(field, actor=actor("admin"), version=2, key="other")
    changes = Entry.objects.filter(record_kind="field", event="field.edited").get().changes
    assert changes == {"label": ["Size", "Weight"], "type": ["whole", "decimal"]}


def test_a_retired_field_hides_keeps_its_values_and_says_why_a_filter_finds_nothing() -> None:
    field = added("site")
    made = incident_of(opened(site="Oslo-7"))
    operations.retire(field, actor=actor("admin"))
    assert "Oslo-7" not in page("agent").get(made.get_absolute_url()).content.decode()
    assert opened(site="x").status_code == 400
    term = terms_for("incident")["cf.site"]
    assert "retired" in term.why
    assert not Incident.objects.filter(term.any_of(["Oslo-7"], actor("agent"))).exists()
    with pytest.raises(Conflict, match="retired field"):
        added("site")
    operations.revive(field, actor=actor("admin"))
    assert "Oslo-7" in page("agent").get(made.get_absolute_url()).content.decode()
    assert Entry.objects.filter(record_kind="field", record_id=field.pk).count() == 3


def test_a_purge_is_announced_and_takes_every_value_with_an_entry_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations.ending, "_BATCH", 2)
    field = added("site", "whole")
    ours = [incident_of(opened(site=number)) for number in range(3)]
    with pytest.raises(WrongState):
        operations.purge(field, actor=actor("admin"))
    operations.retire(field, actor=actor("admin"))
    admin = client("admin")
    assert admin.get(f"/api/v1/fields/{field.pk}/purge/").json() == {"records": 3}
    assert admin.post(f"/api/v1/fields/{field.pk}/purge/", {}, format="json").status_code == 202
    with pytest.raises(WrongState):
        operations.revive(field, actor=actor("admin"))
    for seconds in (1, 5, 10):
        due.sweep(timezone.now() + timedelta(seconds=seconds))
    operations.purge_when_due(field.pk, timezone.now())
    assert not Field.objects.exists()
    assert not FieldValue.objects.exists()
    for one in ours:
        one.refresh_from_db()
        assert one.attributes == {}
        assert (
            Entry.objects.filter(record_kind="incident", record_id=one.pk, event="incident.field_purged").count() == 1
        )
    assert added("site").key == "site", "the key is free again"


def test_only_administrators_change_fields_and_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotPermitted):
        operations.add_field(actor=actor("manager"), owner="incident", key="a", type="text", label="A")
    monkeypatch.setattr(operations.checking, "MAX_LIVE", 1)
    field = added("a")
    with pytest.raises(Conflict, match="retire one first"):
        added("b")
    for change in (operations.retire, operations.revive, operations.purge):
        with pytest.raises(NotPermitted):
            change(field, actor=actor("agent"))
    with pytest.raises(InvalidInput, match="no fields of this owner"):
        operations.add_field(actor=actor("admin"), owner="house", key="a", type="text", label="A")


@each_of(
    "more",
    [
        {"key": "A"}, {"key": "a-b"}, {"key": "x" * 41}, {"label": "\u200b"}, {"rules": {"regex": ".*"}}, {"rules": {"shape": "x"}},
        {"rules": {"shape": {"a": 1}}}, {"rules": {"shape": ["email"]}}, {"type": "decimal", "rules": {"max": "1e999999999"}},
        {"rules": {"max_length": 0}}, {"requester_fills": True}, {"options": SITES}, {"default": 7}, {"type": "choice"},
        {"type": "choice", "options": [*SITES, SITES[0]]}, {"type": "whole", "rules": {"min": 3, "max": 2}}, {"kind": "blob"}, {"required": "often"},
        {"type": "whole", "rules": {"min": "NaN"}}, {"rules": []}, {"position": -1}, {"owner": "house"}, {"type": "choice", "options": [{"key": "a"}]},
    ],
)  # fmt: skip
def test_odd_definitions_are_refused_without_a_trace(more: dict[str, Any]) -> None:
    body = {"key": "a", "label": "A", "kind": more.pop("type", "text"), **more}
    answer = client("admin").post("/api/v1/fields/", body, format="json")
    assert answer.status_code == 400, answer.json()
    assert not Field.objects.exists()


def test_the_schema_is_read_by_all_who_work_here_and_changed_with_the_version_read() -> None:
    admin = client("admin")
    made = admin.post(
        "/api/v1/fields/", {"key": "site", "kind": "choice", "label": "Site", "options": SITES}, format="json"
    )
    assert made.status_code == 201, made.json()
    (shown,) = client("agent").get("/api/v1/fields/?owner=incident").json()["results"]
    assert shown["options"] == [{**one, "retired": False} for one in SITES]
    assert client("requester").get("/api/v1/fields/?owner=incident").status_code == 403
    assert client("agent").get("/api/v1/fields/?owner=house").status_code == 400
    path = f"/api/v1/fields/{shown['id']}/"
    assert admin.patch(path, {"label": "Place"}, format="json").status_code == 428
    edited = admin.patch(path, {"label": "Place", "options": SITES[1:]}, format="json", HTTP_IF_MATCH=made["ETag"])
    assert (edited.status_code, edited.json()["label"]) == (200, "Place")
    assert [one["retired"] for one in edited.json()["options"]] == [False, True]
    assert admin.patch(path, {"label": "X"}, format="json", HTTP_IF_MATCH=made["ETag"]).status_code == 412


def test_an_administrator_adds_and_edits_a_field_in_the_browser() -> None:
    web = page("admin")
    assert web.get("/fields/new/").status_code == 200
    sent = {
        "label": "Standort <b>",
        "type": "choice",
        "required": "never",
        "filterable": "on",
        "options": "Berlin\nosl = Oslo <i>",
    }
    made = web.post("/fields/new/?owner=incident&type=choice", sent)
    assert made.status_code == 302, made.content.decode()
    field = Field.objects.get()
    assert (field.key, [one.key for one in field.options.all()]) == ("standort_b", ["berlin", "osl"])
    shown = web.get(field.get_absolute_url()).content.decode()
    assert "<i>" not in shown.replace("<i class", "")
    assert "Oslo &lt;i&gt;" in shown
    sent |= {"label": "Site", "version": 1, "options": "Berlin", "default": "berlin"}
    assert web.post(field.get_absolute_url(), sent).status_code == 302
    field.refresh_from_db()
    assert (field.label, field.default, field.version) == ("Site", "berlin", 2)
    assert web.post(field.get_absolute_url(), sent).status_code == 412
    assert "Site" in web.get("/fields/").content.decode()
    assert web.post(f"/fields/{field.pk}/retire/").status_code == 302
    assert "Bring it back" in web.get(field.get_absolute_url()).content.decode()
    assert web.post(f"/fields/{field.pk}/purge/").status_code == 302


def test_a_set_has_the_fields_of_its_parent_first_and_takes_none_of_their_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(owners._known, "ci", owners.Owner(Incident, lambda owner: owner))
    for place, owner in enumerate(("ci:host", "ci:server")):
        operations.add_field(actor=actor("admin"), owner=owner, key=f"f{place}", type="text", label=owner)
    FieldSet.objects.filter(owner="ci:server").update(parent=FieldSet.objects.get(owner="ci:host"))
    assert [one.key for one in queries.all_fields("ci:server")] == ["f0", "f1"]
    assert [one.key for one in queries.all_fields("ci:host")] == ["f0"]
    for owner, key in (("ci:server", "f0"), ("ci:host", "f1")):
        with pytest.raises(Conflict, match="is taken by a field"):
            operations.add_field(actor=actor("admin"), owner=owner, key=key, type="text", label="Again")


@pytest.mark.parametrize("text", XSS)
def test_hostile_words_stay_words_in_every_place(text: str) -> None:
    """As a label, a help, an option, a value: what is shown is escaped, and a link leads nowhere but to https."""
    added("a", label_=text)
    added("b", "choice", options=[{"key": "o", "label": text}])
    made = incident_of(opened(a=text, b="o"))
    incidents.edit(made, actor=actor("agent"), version=1, attributes={"a": f"{text} again"})
    rewrite = f"{made.get_absolute_url()}rewrite/"
    paths = {
        "agent": [made.get_absolute_url(), rewrite, "/incidents/new/"],
        "admin": ["/fields/", "/fields/new/?type=text"],
    }
    paths["admin"] += [one.get_absolute_url() for one in Field.objects.all()]
    for name, several in paths.items():
        for path in several:
            assert text not in page(name).get(path).content.decode(), path


def test_a_list_of_many_records_reads_their_names_together(django_assert_max_num_queries: Any) -> None:
    added("who", "person")
    added("where", "team")
    caller = client("agent")
    opened(who="engineer", where="payments")
    path = "/api/v1/incidents/"
    with CaptureQueriesContext(connection) as first:
        caller.get(path)
    most = len(first)
    for _ in range(4):
        opened(who="manager", where="payments")
    with django_assert_max_num_queries(most):
        shown = caller.get(path).json()["results"]
    assert shown[0]["attributes"] == {"who": "manager", "where": "payments"}


@pytest.mark.parametrize("raw", [[], ["oslo"], {}, True])
def test_a_default_is_a_value_of_the_field_or_null(raw: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        added("site", "choice", options=[{"key": "oslo", "label": "Oslo"}], default=raw)
    assert "default" in refused.value.errors
