"""A required text is one that can be read, in every form and whenever its field came to be."""

from typing import Any

import pytest
from django import forms

from itsm.accounts.models import Team
from itsm.forms import Form

UNSEEN = ["\u200b", "\u202e", " \u2066\u2069 ", "\x07", "\u2800"]


class Declared(Form):
    said = forms.CharField()


class Late(Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["said"] = forms.CharField(strip=False)


class NoLongerOptional(Form):
    said = forms.CharField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["said"].required = True


@pytest.mark.parametrize("form", [Declared, Late, NoLongerOptional])
@pytest.mark.parametrize("text", UNSEEN)
def test_what_nobody_can_read_is_no_answer(form: type[Form], text: str) -> None:
    assert "said" in form({"said": text}).errors
    assert form({"said": f"a{text}"}).is_valid()


@pytest.mark.parametrize("form", [Declared, Late, NoLongerOptional])
def test_nul_is_refused(form: type[Form]) -> None:
    assert "said" in form({"said": "a\0"}).errors


@pytest.mark.parametrize(("required", "words"), [(True, "Choose one"), (False, "–")])
def test_nothing_chosen_is_said_in_words_and_not_in_dashes(required: bool, words: str) -> None:
    class Choosing(Form):
        team = forms.ModelChoiceField(queryset=Team.objects.none(), required=required)

    assert f">{words}<" in str(Choosing()["team"])


@pytest.mark.parametrize(("text", "kept"), [("+14:00", True), ("-23:59", False), ("+16:00", False), ("Z", True)])
def test_an_instant_is_one_that_the_database_takes(text: str, kept: bool) -> None:
    class Dated(Form):
        starts_at = forms.DateTimeField()

    assert Dated({"starts_at": f"2026-12-01T00:00:00{text}"}).is_valid() is kept


def test_an_optional_text_may_be_empty() -> None:
    class Optional(Form):
        said = forms.CharField(required=False)

    assert Optional({"said": ""}).is_valid()
