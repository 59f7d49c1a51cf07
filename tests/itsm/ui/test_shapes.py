"""A shape says what `format_html` says, and lets nothing through unescaped."""

from typing import Any

import pytest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from itsm.ui.paging import Counted
from itsm.ui.shapes import Shape

_MARKUP = '<a class="x" width="100%" title="{}">{}</a>'
_VALUES = st.one_of(
    st.text(), st.text().map(mark_safe), st.integers(), st.none(), st.just(gettext_lazy("<b>&")), st.just(Counted(7, 5))
)


@given(_VALUES, _VALUES)
def test_it_is_what_django_says_of_the_same_values(one: Any, other: Any) -> None:
    said = Shape(_MARKUP)(one, other)
    assert said == format_html(_MARKUP, one, other)
    assert type(said) is SafeString


def test_it_has_a_value_for_each_place() -> None:
    with pytest.raises(TypeError):
        Shape(_MARKUP)("one")
    with pytest.raises(TypeError):
        Shape(_MARKUP)("one", "two", "three")
