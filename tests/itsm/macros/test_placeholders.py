"""Placeholders: what is filled in, what is refused, and that nothing is ever read twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm.kernel.errors import InvalidInput
from itsm.macros.placeholders import NAMES, check, written
from tests.itsm.macros.payloads import PAYLOADS

KNOWN = sorted(NAMES)


def said(**values: str) -> dict[str, object]:
    """Values as a record gives them; every name that is not said is empty."""
    return {name: lambda name=name: values.get(name.replace(".", "_"), "") for name in NAMES}


def test_there_are_the_twenty_four_names_of_the_specification() -> None:
    assert len(NAMES) == 24


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("Dear {{ caller.first_name }},", "Dear Ada,"),
        ("Dear {{caller.first_name}},", "Dear Ada,"),
        ("Dear {{ caller.first_name | there }},", "Dear Ada,"),
        ("Dear {{ caller.last_name | there }},", "Dear there,"),
        ("Dear {{ caller.last_name | all of you }},", "Dear all of you,"),
        ("Dear {{ caller.last_name }},", "Dear ,"),
        ("{{ record.title | a | b }}", "a | b"),
        ("{{ caller.first_name | upper }} {{ caller.last_name | upper }}", "Ada upper"),  # no filters
        ("{{{ caller.first_name }}}", "{Ada}"),
        ("no place", "no place"),
        ("", ""),
    ],
)
def test_a_place_reads_as_the_value_or_as_its_fallback(text: str, reads: str) -> None:
    check(text, "text")
    assert written(text, said(caller_first_name="Ada")) == reads


def test_a_value_is_asked_for_only_where_the_text_names_it() -> None:
    asked: list[str] = []
    values = {name: lambda name=name: asked.append(name) or "x" for name in NAMES}
    written("{{ record.title }} {{ record.title }}", values)
    assert asked == ["record.title", "record.title"]


def test_what_nobody_can_see_is_no_value() -> None:
    assert written("{{ caller.name | there }}", said(caller_name="\u200b \u2060")) == "there"


@pytest.mark.parametrize("text", ["{{ caller.password }}", "{{", "{{ caller.name", "{{ }}", "{{ caller.name | }}"])
def test_a_place_that_nobody_could_fill_in_is_refused_with_the_list(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(f"Dear {text}", "text")
    assert refused.value.extra["placeholders"] == list(NAMES)
    assert "caller.first_name" in refused.value.errors["text"][0]


def test_one_hundred_and_fifty_payloads_of_template_engines_stay_as_they_are_written_as_text_and_as_value() -> None:
    assert len(set(PAYLOADS)) >= 150
    for payload in PAYLOADS:
        assert written(payload, {}) == payload
        assert written(payload, said(caller_name="NO", me_email="NO")).count("NO") == 0, payload
        assert written("[{{ caller.name }}]", said(caller_name=payload)) == f"[{payload}]"


def test_a_payload_in_double_brackets_cannot_be_saved_and_every_other_one_can() -> None:
    for payload in PAYLOADS:
        if "{{" in payload:
            with pytest.raises(InvalidInput):
                check(payload, "text")
        else:
            check(payload, "text")


@given(st.lists(st.tuples(st.text(st.characters(exclude_characters="{")), st.sampled_from(KNOWN), st.text(min_size=1))))
def test_a_text_is_its_pieces_with_the_values_between_them_whatever_the_values_are(
    pieces: list[tuple[str, str, str]],
) -> None:
    """The oracle joins pieces and never looks for places, so a value that was read again would differ."""
    values = {name: f"{value} {{{{ {KNOWN[0]} }}}} seen" for _literal, name, value in pieces}
    text = "".join(f"{literal}{{{{ {name} }}}}" for literal, name, _value in pieces)
    asked = {name: lambda value=value: value for name, value in values.items()}
    assert written(text, asked) == "".join(f"{literal}{values[name]}" for literal, name, _value in pieces)


@given(st.text(st.characters(exclude_characters="{")))
def test_a_text_without_brackets_is_left_as_it_is(text: str) -> None:
    check(text, "text")
    assert written(text, said(caller_name="NO")) == text
