"""Pages: the editor that needs no codes, the menu, the preview, the text for the box; names are text and nothing else."""

from typing import Any

import pytest
from django.test import Client

from incidents.incident import operations as incidents
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.fields.operations import add_field
from itsm.kernel.actors import Actor
from itsm.macros import operations
from itsm.macros.models import MAX_ACTIONS, Macro, Template
from itsm.macros.templates import create_template
from itsm.work.models import Note
from tests.incidents.incident.test_queues import a_queue
from tests.itsm.macros.payloads import PAYLOADS
from tests.together import each_of

pytestmark = pytest.mark.django_db

POLYGLOTS = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "</textarea><svg onload=alert(1)>",
    "javascript:alert(1)//", "{{constructor.constructor('alert(1)')()}}", "<a href=\"javascript:alert(1)\">x</a>",
    "</title><script>alert(1)</script>", "\u202e<b>evil</b>", "--><script>alert(1)</script>", "<iframe srcdoc='<script>1</script>'>",
]  # fmt: skip


@pytest.fixture
def incident(agent: User, requester: User, as_actor: Any) -> Incident:
    return incidents.open_incident(actor=as_actor(agent), title="Cannot print", caller=requester)


@pytest.fixture
def lead(agent: User) -> Client:
    a_queue("network", agent).memberships.update(lead=True)
    client = Client()
    client.force_login(agent, backend="itsm.accounts.backends.PeopleOnly")
    return client


def parts(**first: str) -> dict[str, str]:
    """The form of a macro with one part filled in."""
    return {
        "name": "Ask",
        "share": "person",
        "position": "1",
        "active": "on",
        **{f"a0-{k}": v for k, v in first.items()},
    }


def test_the_editor_opens_the_parts_that_are_filled_and_folds_the_others(lead: Client) -> None:
    assert lead.get("/macros/add/").content.decode().count('<details class="macro-part" open>') == 1
    sent = parts(kind="assignee", person="me") | {"a1-kind": "note", "a1-text": "Mine"}
    page = lead.get(lead.post("/macros/add/", sent)["Location"]).content.decode()
    assert page.count('<details class="macro-part" open>') == 2
    assert page.count('<details class="macro-part">') == MAX_ACTIONS - 2


@each_of(
    ("typed", "action"),
    [
        ({"kind": "field", "field": '["priority", 2]'}, {"kind": "field", "value": {"priority": 2}}),
        ({"kind": "team", "team": "network"}, {"kind": "team", "value": "network"}),
        ({"kind": "assignee", "person": "me"}, {"kind": "assignee", "value": "me"}),
        ({"kind": "assignee", "person": "nobody"}, {"kind": "assignee", "value": None}),
        ({"kind": "tasks", "tasks": "One\n\nTwo"},
         {"kind": "tasks", "value": [{"title": "One", "mandatory": False}, {"title": "Two", "mandatory": False}]}),
        ({"kind": "reply", "text": "Hi {{ caller.name | there }}"}, {"kind": "reply", "value": "Hi {{ caller.name | there }}"}),
    ],
)  # fmt: skip
def test_a_lead_chooses_field_and_value_in_words(typed: dict[str, str], action: Any, lead: Client) -> None:
    answer = lead.post("/macros/add/", parts(**typed))
    assert answer.status_code == 302, answer.content
    made = Macro.objects.get()
    assert made.actions == [action]
    page = lead.get(made.get_absolute_url()).content.decode()
    assert page.count('<details class="macro-part" open') == 1  # what is there; a button brings the next
    again = lead.post(made.get_absolute_url(), {**parts(**typed), "version": "1", "name": "Ask again"})
    assert again.status_code == 302
    assert (Macro.objects.get().name, Macro.objects.get().actions) == ("Ask again", [action])


def test_what_rest_kept_as_one_stands_on_the_page_and_nothing_is_lost_when_it_is_saved(
    agent: User, lead: Client, as_actor: Any
) -> None:
    several = [
        {"kind": "field", "value": {"priority": 2, "impact": 1}},
        {"kind": "tasks", "value": [{"title": "Look"}, {"title": "Call", "mandatory": True}]},
    ]
    macro = operations.create_macro(actor=as_actor(agent), record_kind="incident", name="Ask", actions=several)
    shown = [form.initial for form, _open in lead.get(macro.get_absolute_url()).context["parts"]]
    sent = {f"a{place}-{name}": said for place, one in enumerate(shown) for name, said in one.items() if said}
    lead.post(macro.get_absolute_url(), {**parts(), **sent, "version": "1"})
    macro.refresh_from_db()
    assert macro.version == 2
    assert macro.actions == [
        {"kind": "field", "value": {"impact": 1}}, {"kind": "field", "value": {"priority": 2}},
        {"kind": "tasks", "value": [{"title": "Look", "mandatory": False}]},
        {"kind": "tasks", "value": [{"title": "Call", "mandatory": True}]},
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["[" * 10_000, "1e999", r'["\ud800"]', "9" * 5000])
def test_a_value_of_ones_own_that_is_no_sensible_json_is_a_text(value: str, lead: Client, admin: User) -> None:
    add_field(actor=Actor.system("tests"), owner="incident", key="site", label="Site", type="text")
    typed = parts(kind="typed", typed="cf.site", typed_value=value)
    answer = lead.post("/macros/add/", typed)
    assert answer.status_code in {302, 400, 422}


def test_a_step_is_chosen_with_its_outcome(lead: Client) -> None:
    page = lead.get("/macros/add/").content.decode()
    place = page.split("Resolve: workaround")[0].rsplit('value="', 1)[1].split('"')[0]
    assert lead.post("/macros/add/", parts(kind="step", step=place, text="Use the other one.")).status_code == 302
    value = {"step": "resolve", "resolution_code": "workaround", "resolution": "Use the other one."}
    assert Macro.objects.get().actions == [{"kind": "step", "value": value}]


@each_of(
    "typed",
    [
        {}, {"kind": "magic"}, {"kind": "field"}, {"kind": "field", "field": "[]"}, {"kind": "field", "field": '["x"'},
        {"kind": "team", "team": "nowhere"}, {"kind": "step", "step": "999"}, {"kind": "tasks", "tasks": " \n "},
        {"kind": "note", "text": "{{ caller.password }}"}, {"kind": "typed", "typed": "cf.none", "typed_value": "1"},
        {"kind": "assignee", "person": "nobody-here"}, {"kind": "watcher", "person": "nobody"}, {"kind": "note", "text": "\u200b"},
    ],
)  # fmt: skip
def test_what_cannot_be_a_macro_is_said_on_the_page_and_nothing_typed_is_lost(typed: Any, lead: Client) -> None:
    answer = lead.post("/macros/add/", {**parts(**typed), "name": "Kept name"})
    assert answer.status_code in {400, 422}, answer.content
    assert "Kept name" in answer.content.decode()
    assert not Macro.objects.exists()


def test_the_menu_greys_what_cannot_be_done_and_says_why(
    incident: Incident, agent: User, as_actor: Any, web: Any
) -> None:
    for name, step in (("Resume", "resume"), ("Start", "acknowledge")):
        operations.create_macro(
            actor=as_actor(agent), record_kind="incident", name=name, actions=[{"kind": "step", "value": {"step": step}}]
        )  # fmt: skip
    menu = web(agent).get(f"/incidents/{incident.reference}/macro/", headers={"HX-Request": "true"}).content.decode()
    assert menu.count('aria-disabled="true"') == 1
    assert "it cannot be resumed from there" in menu.split('data-macro="resume"')[1].split("</li>")[0]
    preview = web(agent).get(f"/incidents/{incident.reference}/macro/resume/").content.decode()
    assert "Nothing of it can be done now" in preview
    assert 'Step <b dir="auto">Resume</b>' in preview


def test_the_row_of_a_list_comes_back_or_the_sentence_why_not(
    incident: Incident, agent: User, as_actor: Any, web: Any
) -> None:
    operations.create_macro(
        actor=as_actor(agent), record_kind="incident", name="Start",
        actions=[{"kind": "step", "value": {"step": "acknowledge"}}],
    )  # fmt: skip
    address, row = f"/incidents/{incident.reference}/macro/start/", {"X-Row": "1"}
    stale = web(agent).post(address, {"version": "9", "macro_version": "1"}, headers=row)
    assert (stale.status_code, stale["Content-Type"]) == (412, "text/plain; charset=utf-8")
    done = web(agent).post(address, {"version": "1", "macro_version": "1"}, headers=row)
    assert incident.title in done.content.decode(), "the line is drawn with its cells"
    assert (done.status_code, 'data-v="2"' in done.content.decode()) == (200, True)
    refused = web(agent).post(address, {"version": "2", "macro_version": "1"}, headers=row)
    assert refused.status_code == 409
    assert "in progress" in refused.content.decode()


def test_its_text_comes_filled_in_for_the_box_and_is_not_read_again_when_it_is_sent(
    incident: Incident, agent: User, requester: User, as_actor: Any, web: Any
) -> None:
    User.objects.filter(pk=requester.pk).update(name="{{ me.email }}")
    operations.create_macro(
        actor=as_actor(agent), record_kind="incident", name="Hello",
        actions=[{"kind": "reply", "value": "Hello {{ caller.name }}"}],
    )  # fmt: skip
    answer = web(agent).get(f"/incidents/{incident.reference}/macro/hello/text/").json()
    assert answer == {"text": "Hello {{ me.email }}", "public": True}
    web(agent).post(f"/incidents/{incident.reference}/note/", {"text": answer["text"], "reply": "on"})
    assert Note.objects.get().text == "Hello {{ me.email }}"


def test_names_and_texts_are_text_on_every_page(incident: Incident, admin: User, as_actor: Any, web: Any) -> None:
    evil = "".join(POLYGLOTS)
    for place, one in enumerate(POLYGLOTS):
        text = [{"kind": "note", "value": one.replace("{{", "")}]
        operations.create_macro(
            actor=as_actor(admin), record_kind="incident", name=one[:80], actions=text, share="everyone", position=place
        )
        create_template(
            actor=as_actor(admin),
            record_kind="incident",
            name=one[:80],
            values={"title": one[:160]},
            tasks=[{"title": one}],
        )
    assert evil
    one, kept = Macro.objects.first(), Template.objects.first()
    assert one is not None
    assert kept is not None
    here = f"/incidents/{incident.reference}/macro/"
    pages = ["/macros/", here, f"{here}{one.slug}/", "/incidents/new/"]
    pages += [each.get_absolute_url() for each in (*Macro.objects.all(), *Template.objects.all())]
    client = web(admin)
    for page in pages:
        shown = client.get(page).content.decode()
        for sign in ("<script>alert", "<img src=x", "<svg onload", "<iframe srcdoc", "<b>evil", 'href="javascript:'):
            assert sign not in shown, (page, sign)


def test_every_payload_that_can_be_saved_is_said_to_the_caller_as_it_was_written(
    incident: Incident, agent: User, as_actor: Any
) -> None:
    said = [one for one in PAYLOADS if "{{" not in one]
    made = operations.create_macro(
        actor=as_actor(agent), record_kind="incident", name="All", actions=[{"kind": "reply", "value": "\n".join(said)}]
    )  # fmt: skip
    operations.apply_macro(made, incident, actor=as_actor(agent))
    assert Note.objects.get().text == "\n".join(said)
