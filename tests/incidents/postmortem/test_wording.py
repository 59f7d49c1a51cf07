"""Another turn is offered for words that look for somebody to blame; it never blocks and nothing counts it."""

from typing import Any

import pytest
from django.utils import translation

from incidents.postmortem import operations, queries, rules
from incidents.postmortem.rules import turns
from tests.incidents.postmortem.situations import a_draft


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("They should have noticed it", ["should have noticed"]),
        ("Ben failed to notice", ["failed to notice"]),
        ("It was Human Error.", ["Human Error"]),
        ("Why didn\u2019t anybody look?", ["Why didn't anybody"]),
        ("Why did nobody look?", []),
        ("The root cause is a retry", ["root cause"]),
        ("The alert did not fire; the dashboard was red.", []),
        ("shoulders have been checked", []),
        ("It was careless, and negligence", ["careless", "negligence"]),
        ("Nobody violated the\nprocess", ["violated the\nprocess"]),
        ("", []),
    ],
)
def test_phrases(text: str, found: list[str]) -> None:
    assert [turn.found for turn in turns(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ben restarted the pool. ben looked again", ["Ben"]),
        ("The pager reached Ben.", []),
        ("Benson's dashboard", []),
        ("Ada Ben wrote", ["Ada Ben"]),
    ],
)
def test_a_name_as_the_subject(text: str, found: list[str]) -> None:
    assert [turn.found for turn in turns(text, ["Ben", "Ada Ben", "X"])] == found


def test_a_long_text_is_read_quickly_and_offers_are_few() -> None:
    text = "should have seen it. failed to. " * 600 + "a" * 20_000
    assert len(turns(text, [f"name{n}" for n in range(300)])) <= 20


def test_words_are_a_text_that_is_translated_and_english_ones_are_looked_for_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def german(context: str, words: str) -> str:
        return "Wurzelursache | hätte …" if translation.get_language() == "de" and "root cause" in words else words

    monkeypatch.setattr("django.utils.translation._trans.pgettext", german)
    rules._patterns.cache_clear()
    try:
        with translation.override("de"):
            assert [turn.found for turn in turns("Die Wurzelursache hätte man finden sollen: the root cause")] == [
                "Wurzelursache", "hätte man", "root cause",
            ]  # fmt: skip
        assert turns("Die Wurzelursache") == []
    finally:
        rules._patterns.cache_clear()


@pytest.mark.django_db
def test_it_blocks_nothing(engineer: Any, as_actor: Any) -> None:
    actor = as_actor(engineer)
    draft = a_draft(actor)
    draft = operations.edit(
        draft, actor=actor, version=draft.version, impact="engineer should have noticed", factors=["human error"]
    )
    said = [(one.field, one.found) for one in queries.wording_of(draft)]
    assert ("impact", "engineer") in said
    assert ("factors[0]", "human error") in said
    assert operations.submit(draft, actor=actor, no_actions_because="None is left").status == "review"
