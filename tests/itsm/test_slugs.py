"""A slug made of a name is one that every address of the product takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itsm.slugs import slug_of, slug_shape


@given(st.text(alphabet=st.sampled_from("aZ9_- .ß\u0130\u2019"), max_size=80))
def test_a_name_gives_a_slug_of_the_shape_of_slugs_or_none(name: str) -> None:
    slug = slug_of(name)
    if slug:
        slug_shape(slug)


@pytest.mark.parametrize(
    ("name", "slug"), [("email_tls", "email-tls"), ("_Night__shift_", "night-shift"), ("a -_- b", "a-b"), ("__", "")]
)
def test_an_underscore_is_a_dash(name: str, slug: str) -> None:
    assert slug_of(name) == slug
