"""Words for people on pages: how a session began."""

import pytest
from django.template import Context
from django.test import RequestFactory

from itsm.accounts import other_ways
from itsm.people.templatetags.people import door_name


@pytest.mark.parametrize("named", [{}, {"provider:corp": "The company"}])
def test_names_of_doors_are_asked_once_a_page_also_where_there_are_none(
    named: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def names() -> dict[str, str]:
        asked.append(1)
        return named

    monkeypatch.setattr(other_ways, "names", names)
    page = Context({"request": RequestFactory().get("/")})
    shown = {door_name(page, "provider:corp") for _row in range(3)}
    assert (shown, len(asked)) == ({named.get("provider:corp", "corp")}, 1)
