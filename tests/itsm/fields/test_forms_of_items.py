"""Forms as documents: what is shown, kept, dropped and refused, and documents that are none."""

import json
import random
from datetime import UTC, date, datetime
from typing import Any

import pytest

from catalog.items.formats.approval import parse_approval
from catalog.items.formats.fulfilment import parse_fulfilment
from itsm.fields.form.answering import Answered, Person, answered, begun, sent_by_page, shown
from itsm.fields.form.conditions import holds
from itsm.fields.form.document import Form, FormRefused
from itsm.fields.form.drawing import drawn
from itsm.fields.form.for_others import for_others
from itsm.fields.form.parsing import parse_form
from itsm.fields.kinds import Moment
from tests.factories.items import FIREWALL
from tests.itsm.fields.forms_made import a_form, what_is_sent
from tests.slo.proving import examples

NOW = Moment(datetime(2026, 11, 28, 12, tzinfo=UTC), date(2026, 11, 28))


def _judged(form: Form, raw: dict[str, Any], **more: Any) -> Answered:
    options: dict[str, Any] = {"look_up": lambda _defined, name: 7 if name == "agent" else None, "person": None} | more
    return answered(form, raw, moment=NOW, **options)


def _one(**question: Any) -> dict[str, Any]:
    return {"key": "q", "label": "Question", "type": "text"} | question


def _form(*questions: dict[str, Any]) -> dict[str, Any]:
    return {"sections": [{"key": "s", "title": "Section", "questions": list(questions)}]}


def test_a_document_reads_back_as_itself() -> None:
    form = parse_form(FIREWALL)
    assert parse_form(form.to_json()) == form


def test_what_is_hidden_is_neither_required_nor_kept_nor_begun_and_empty_for_later_conditions() -> None:
    form = parse_form(FIREWALL)
    tampered = {"environment": "test", "reason": "Because", "last_day": "2026-12-24", "port": 443}
    found = _judged(form, tampered)
    assert found.answers == {"environment": "test", "port": 443}
    assert (found.dropped, found.errors, found.surcharge) == (("reason", "last_day"), {}, 0)
    open_ = _judged(form, {**tampered, "environment": "production"})
    assert open_.answers == {"environment": "production", "reason": "Because", "port": 443, "last_day": "2026-12-24"}
    assert (open_.dropped, open_.surcharge) == ((), 5_000)
    missing = _judged(form, {"environment": "production", "reason": " \u200b"})
    assert set(missing.errors) == {"reason", "port"}


def test_a_question_of_staff_does_not_exist_for_others() -> None:
    form = parse_form(FIREWALL)
    sent = {"port": 1, "ticket_of_vendor": "V-1"}
    assert _judged(form, sent, staff=True).answers["ticket_of_vendor"] == "V-1"
    asked = _judged(form, sent)
    assert asked.errors == {"ticket_of_vendor": ["There is no question ticket_of_vendor."]}
    assert "ticket_of_vendor" not in asked.dropped
    hidden = drawn(form, raw=None, person=None, offered=lambda _defined: [])
    assert "V" not in repr([one.question.label for section in hidden.sections for one in section.questions])


def test_a_hidden_answer_counts_for_no_condition_of_what_follows() -> None:
    form = parse_form(_form(
        _one(key="a", type="yes_no"),
        _one(key="b", show_when={"all": [{"field": "a", "op": "is", "value": True}]}),
        _one(key="c", show_when={"all": [{"field": "b", "op": "filled"}]}),
    ))  # fmt: skip
    assert shown(form, {"a": False, "b": "there", "c": "x"}) == ("a",)
    assert shown(form, {"a": True, "b": "there"}) == ("a", "b", "c")


def test_defaults_count_at_first_display_and_an_empty_answer_is_none() -> None:
    form = parse_form(_form(
        _one(key="a", default="yes please"), _one(key="b", show_when={"all": [{"field": "a", "op": "filled"}]}),
        _one(key="c", from_person="email", default="nobody"), _one(key="d", type="person", from_person="manager"),
    ))  # fmt: skip
    person = Person(email="a@example.org", manager="agent")
    assert begun(form, person) == {"a": "yes please", "c": "a@example.org", "d": "agent"}
    assert _judged(form, {}, person=person).answers == {"a": "yes please", "c": "a@example.org", "d": 7}
    assert _judged(form, {"a": "", "c": "", "d": ""}, person=person).answers == {}
    assert begun(form, None)["c"] == "nobody"


def test_a_page_sends_what_its_inputs_hold_and_boxes_without_a_tick_say_so() -> None:
    form = parse_form(_form(
        _one(key="n", type="whole"), _one(key="y", type="yes_no"), _one(key="t", type="instant"),
        _one(key="m", type="choices", options=[{"key": "a", "label": "A"}, {"key": "b", "label": "B"}], default=["a"]),
    ))  # fmt: skip
    sent = {
        "answers.n": [" 7"],
        "answers.y": ["no"],
        "answers.t": ["2026-11-28T10:00"],
        "answers.m": [""],
        "csrf": ["x"],
    }
    raw = sent_by_page(form, sent, prefix="answers.")
    assert {key: raw[key] for key in ("n", "y", "m")} == {"n": 7, "y": False, "m": []}
    assert str(raw["t"]).endswith("Z")
    assert "m" not in _judged(form, raw).answers
    assert _judged(form, {}).answers["m"] == ["a"]


@pytest.mark.parametrize(
    ("length", "is_kept"), [(10_000, True), (10_001, False), (1_000_000, False)], ids=["most", "one more", "far more"]
)
def test_a_long_answer_is_refused_at_its_question(length: int, is_kept: bool) -> None:
    found = _judged(parse_form(_form(_one(type="long"))), {"q": "x" * length})
    assert ("q" in found.answers) is is_kept
    assert found.errors == ({} if is_kept else {"q": ["At most 10000 characters."]})


@pytest.mark.parametrize("odd", [7, True, {"a": 1}, ["x"], [["x"]], None, "\x00", "\ud800", "a\nb"])
@pytest.mark.parametrize("type_", ["text", "long", "whole", "decimal", "yes_no", "choice", "choices", "date", "instant", "person", "ci", "link"])  # fmt: skip
def test_odd_answers_are_words_at_their_question_and_never_an_error_of_ours(type_: str, odd: Any) -> None:
    options = [{"key": "x", "label": "X"}] if type_ in ("choice", "choices") else []
    form = parse_form(
        _form(_one(type=type_, options=options), _one(key="z", show_when={"all": [{"field": "q", "op": "filled"}]}))
    )
    found = _judged(form, {"q": odd})
    assert set(found.answers) | set(found.errors) <= {"q"}
    assert drawn(form, raw={"q": odd}, person=None, offered=lambda _defined: [], errors=found.errors).sections


def _circular() -> dict[str, Any]:
    looks = {"show_when": {"all": [{"field": "b", "op": "filled"}]}}
    back = {"show_when": {"all": [{"field": "a", "op": "filled"}]}}
    return _form(_one(key="a") | looks, _one(key="b") | back)


def _deep(depth: int) -> dict[str, Any]:
    condition: dict[str, Any] = {"all": [{"field": "a", "op": "filled"}]}
    for _at in range(depth - 1):
        condition = {"any": [condition]}
    return _form(_one(key="a"), _one(show_when=condition))


def _leaves(number: int) -> dict[str, Any]:
    half = [{"field": "a", "op": "filled"}] * (number // 2)
    rest = [{"field": "a", "op": "filled"}] * (number - number // 2)
    return _form(_one(key="a"), _one(show_when={"all": [{"any": half}, {"any": rest}]}))


def _halves(*numbers: int) -> dict[str, Any]:
    parts = [_form(*(_one(key=f"q{at}_{n}") for n in range(number))) for at, number in enumerate(numbers)]
    return {"sections": [part["sections"][0] | {"key": f"s{at}"} for at, part in enumerate(parts)]}


_PATH = "sections.0.questions.1.show_when"


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (_circular(), "sections.0.questions.0.show_when.all.0.field"),
        (_form(_one(show_when={"all": [{"field": "q", "op": "filled"}]})), "sections.0.questions.0.show_when.all.0.field"),
        (_deep(5), f"{_PATH}.any.0.any.0.any.0.any.0"),
        (_leaves(51), _PATH),
        (_form(_one(), _one(key="b", show_when={"all": []})), f"{_PATH}.all"),
        (_form(_one(), _one(key="b", show_when={"none": []})), _PATH),
        (_form(_one(type="whole"), _one(key="b", show_when={"all": [{"field": "q", "op": "contains", "value": 1}]})), f"{_PATH}.all.0.op"),
        (_form(_one(type="whole"), _one(key="b", show_when={"all": [{"field": "q", "op": "is", "value": "7"}]})), f"{_PATH}.all.0.value"),
        (_form(_one(type="whole"), _one(key="b", show_when={"all": [{"field": "q", "op": "lt", "value": 10**16}]})), f"{_PATH}.all.0.value"),
        (_form(_one(type="date"), _one(key="b", show_when={"all": [{"field": "q", "op": "is", "value": "2026-02-30"}]})), f"{_PATH}.all.0.value"),
        (_form(_one(), _one(key="b", show_when={"all": [{"field": "q", "op": "empty", "value": "x"}]})), f"{_PATH}.all.0.value"),
        (_form(_one(), _one(key="b", show_when={"all": [{"field": "q", "op": "is", "value": "a\x00"}]})), f"{_PATH}.all.0.value"),
        (_form(_one(), _one(key="b", show_when={"all": [{"field": "q", "op": "is", "value": "x" * 501}]})), f"{_PATH}.all.0.value"),
        (_form(_one(label="a\ud800")), "sections.0.questions.0.label"),
        (_form(_one(), _one()), "sections.0.questions.1.key"),
        (_form(_one(type="choice")), "sections.0.questions.0.options"),
        (_form(_one(options=[{"key": "a", "label": "A"}])), "sections.0.questions.0.options"),
        (_form(_one(type="choice", options=[{"key": "a", "label": "A", "surcharge": -1}])), "sections.0.questions.0.options.0.surcharge"),
        (_form(_one(type="whole", default="x")), "sections.0.questions.0.default"),
        (_form(_one(type="person", default="agent")), "sections.0.questions.0.default"),
        (_form(_one(type="whole", from_person="name")), "sections.0.questions.0.from_person"),
        (_form(_one(rules={"pattern": "(a+)+"})), "sections.0.questions.0.rules"),
        (_form(_one(label="\u200b")), "sections.0.questions.0.label"),
        (_form(_one(audience="nobody")), "sections.0.questions.0.audience"),
        (_form(*(_one(key=f"q{n}") for n in range(65))), "sections.0.questions"),
        (_halves(33, 32), "sections"),
        ({"sections": [{"key": f"s{n}", "title": "x"} for n in range(21)]}, "sections"),
        *((_form(_one(rules=odd)), "sections.0.questions.0.rules") for odd in ([], "", 0, False)),
        *((_form(_one(options=odd)), "sections.0.questions.0.options") for odd in ({}, "", 0, False)),
        *((_form(_one(from_person=odd)), "sections.0.questions.0.from_person") for odd in ({}, [], 0, False)),
        *((_form(_one(), _one(key="b", show_when=odd)), _PATH) for odd in ([], "", 0, False)),
        ({"sections": {}}, "sections"),
        ([], ""),
        ({"parts": []}, "parts"),
    ],
)  # fmt: skip
def test_a_document_that_is_no_form_is_refused_where_it_is_odd(document: Any, path: str) -> None:
    with pytest.raises(FormRefused) as refused:
        parse_form(document)
    assert path in refused.value.paths, refused.value.paths
    assert all(sentence for said in refused.value.paths.values() for sentence in said)


@pytest.mark.parametrize("document", [_deep(4), _leaves(50), _halves(32, 32)])
def test_at_its_limits_a_form_is_taken(document: dict[str, Any]) -> None:
    assert parse_form(document)


def test_a_missing_answer_makes_everything_but_empty_false() -> None:
    form = parse_form(_form(_one(type="whole"), _one(key="b")))
    for op, value in (("is", 1), ("is_not", 1), ("lt", 1), ("ge", 1), ("one_of", [1]), ("none_of", [1])):
        condition = parse_form(_form(
            _one(type="whole"), _one(key="b", show_when={"all": [{"field": "q", "op": op, "value": value}]})
        )).question("b")  # fmt: skip
        assert condition is not None
        assert not holds(condition.show_when, {}, form.definitions), op


def test_tasks_that_wait_for_each_other_are_named_in_their_order() -> None:
    tasks = [{"key": k, "title": k, "after": [after]} for k, after in (("x", "a"), ("a", "b"), ("b", "c"), ("c", "a"))]
    with pytest.raises(FormRefused) as refused:
        parse_fulfilment({"tasks": tasks}, parse_form({"sections": []}))
    assert refused.value.paths == {"tasks.1.after": ["These tasks wait for each other: a → b → c → a."]}


@pytest.mark.parametrize(
    ("tasks", "path"),
    [
        ([{"key": "a", "title": "A", "after": ["b"]}], "tasks.0.after"),
        ([{"key": "a", "title": "A"}, {"key": "a", "title": "B"}], "tasks.1.key"),
        ([{"key": "a", "title": "A", "kind": "change"}], "tasks.0.change_model"),
        ([{"key": "a", "title": "A", "change_model": "x"}], "tasks.0.change_model"),
        ([{"key": "a", "title": "Open {{prot}}"}], "tasks.0.title"),
        ([{"key": "a", "title": "A", "values": {"plan": "{{nothing}}"}}], "tasks.0.values.plan"),
        ([{"key": "a", "title": "A", "when": {"all": [{"field": "no", "op": "filled"}]}}], "tasks.0.when.all.0.field"),
        ([{"key": f"t{n}", "title": "T"} for n in range(31)], "tasks"),
        *(([{"key": "a", "title": "A", "values": odd}], "tasks.0.values") for odd in ([], "", 0, False)),
    ],
)
def test_a_plan_that_cannot_be_followed_is_refused(tasks: Any, path: str) -> None:
    with pytest.raises(FormRefused) as refused:
        parse_fulfilment({"tasks": tasks}, parse_form(FIREWALL))
    assert path in refused.value.paths, refused.value.paths


@pytest.mark.parametrize("quorum", ["any", "all", "2", 2, "50%", "100 %"])
def test_a_quorum_is_any_all_a_number_or_a_share(quorum: Any) -> None:
    asked = parse_approval({"steps": [{"parts": [{"who": "manager", "quorum": quorum}]}]}, parse_form({"sections": []}))
    assert asked.steps[0].parts[0].quorum == str(quorum).replace(" ", "")


@pytest.mark.parametrize("quorum", ["0", "0%", "101%", "half", "-1", 1.5, None, True, "5" * 10])
def test_any_other_quorum_is_refused(quorum: Any) -> None:
    with pytest.raises(FormRefused):
        parse_approval({"steps": [{"parts": [{"who": "manager", "quorum": quorum}]}]}, parse_form({"sections": []}))


@pytest.mark.heavy
def test_random_answers_keep_exactly_what_is_shown_and_fits() -> None:
    """What is judged from a page and what is judged again from what was kept are the same."""
    rng = random.Random(77)
    for _at in range(examples(2_000)):
        document = a_form(rng)
        form = parse_form(document)
        sent = {f"answers.{key}": values for key, values in what_is_sent(rng, document).items()}
        raw = sent_by_page(form, sent, prefix="answers.")
        found = _judged(form, raw)
        assert set(found.answers) <= set(found.shown)
        assert not set(found.dropped) & set(found.shown)
        if not found.errors:
            references = {one.key for one in form.questions if one.definition.type == "person"}
            again = {key: "agent" if key in references else value for key, value in found.answers.items()}
            assert _judged(form, again).answers == found.answers
            assert _judged(form, again).shown == found.shown


def test_others_are_asked_the_same_by_the_form_that_says_nothing_of_staff() -> None:
    """What is left of conditions decides as they did with every question of staff empty, whatever is answered."""
    rng = random.Random(41)
    for _at in range(examples(2_000)):
        document = a_form(rng)
        for section in document["sections"]:
            for question in section["questions"]:
                question["audience"] = "staff" if rng.random() < 0.3 else "public"
        form = parse_form(document)
        of_staff = {one.key for one in form.questions if one.audience == "staff"}
        left = for_others(form)
        assert not any(f'"{key}"' in json.dumps(left.to_json()) for key in of_staff)
        sent = {f"answers.{key}": values for key, values in what_is_sent(rng, document).items() if key not in of_staff}
        raw = sent_by_page(form, sent, prefix="answers.")
        assert shown(left, raw) == shown(form, raw)
