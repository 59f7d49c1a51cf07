"""Dialogs of several steps, and of several records, on one page: no two boxes have one id."""

from collections import Counter
from re import findall
from typing import Any

import pytest

from tests.factories.requests import a_request, an_item

pytestmark = pytest.mark.django_db


def test_boxes_of_two_dialogs_on_one_page_share_no_id(requester: Any, person: Any, as_actor: Any, web: Any) -> None:
    first, second = an_item("laptop"), an_item("monitor")
    agent = person("agent", first.team, username="works")
    made = a_request(as_actor(requester), first, second)
    page = web(agent).get(made.get_absolute_url()).content.decode()
    ids = Counter(findall(r'\sid="([^"]+)"', page))
    assert [one for one, times in ids.items() if times > 1] == []
    assert len([one for one in ids if one.startswith("id_request_item_") and one.endswith("_reason")]) > 2
    labels = set(findall(r'<label[^>]* for="([^"]+)"', page))
    assert labels <= set(ids)
