"""The history of an item says what its writers changed, in one entry for each time that they kept it."""

from copy import deepcopy
from typing import Any

import pytest
from django.utils import timezone

from catalog.items import operations
from catalog.items.queries.differences import TOLD
from catalog.models import CatalogItem
from itsm.accounts.models import User
from itsm.audit.models import Entry
from tests.api.world import browser
from tests.factories.items import a_live_item
from tests.factories.knowledge import somebody

pytestmark = pytest.mark.django_db


def test_each_edit_is_one_entry_that_says_what_is_other_now() -> None:
    item, writer = a_live_item(), somebody("owner", "item-writer")
    before = Entry.objects.filter(event="catalog_item.edited").count()
    form: Any = deepcopy(item.newest.form)
    first = form["sections"][0]["questions"][0]
    was = first["label"]
    first |= {"label": "Which door?", "required": not first["required"]}
    form["sections"][0]["questions"].append({"key": "floor", "label": "Which floor?", "type": "text"})
    form["sections"].append({"key": "more", "title": "More", "questions": []})
    operations.edit_item(
        item, actor=writer, version=item.version, at=timezone.now(), form=form, price_minor=1250, currency="EUR",
        keywords=["door"],
    )  # fmt: skip
    (entry,) = Entry.objects.filter(event="catalog_item.edited").order_by("-id")[: 1 + before][:1]
    assert Entry.objects.filter(event="catalog_item.edited").count() == before + 1
    told = {(what, name): (old, new) for what, name, old, new in entry.changes[TOLD][1]}
    assert told["question_label", "Which door?"] == (was, "Which door?")
    assert told["question", "Which floor?"] == ("", "there")
    assert told["section", "more"] == ("", "there")
    assert told["field", "price_minor"][1] == "1250"
    assert not any(what == "step" for what, _name in told)
    page = browser(User.objects.get(username="item-writer")).get(item.get_absolute_url()).content.decode()
    assert "Question “Which floor?”" in page
    assert "“Which door?”: must be answered" in page
    now = CatalogItem.objects.get()
    operations.edit_item(now, actor=writer, version=now.version, at=timezone.now(), keywords=["door"])
    assert Entry.objects.filter(event="catalog_item.edited").count() == before + 1


def test_conditions_options_and_rules_are_told_in_words_and_a_task_by_its_new_name() -> None:
    item, writer = a_live_item(), somebody("owner", "item-writer")
    form: Any = deepcopy(item.newest.form)
    asked = form["sections"][0]["questions"]
    asked += [
        {"key": "zone", "label": "Zone", "type": "choice", "options": [{"key": "in", "label": "Inside"}]},
        {"key": "door", "label": "Door", "type": "whole"},
    ]
    operations.edit_item(item, actor=writer, version=item.version, at=timezone.now(), form=form)
    item = CatalogItem.objects.get()
    form, fulfilment = deepcopy(item.newest.form), deepcopy(item.newest.fulfilment)
    zone, door = form["sections"][0]["questions"][-2:]
    zone["options"] = [{"key": "in", "label": "Inside"}, {"key": "out", "label": "Outside", "surcharge": 500}]
    door |= {"rules": {"min": 1}, "show_when": {"all": [{"field": "zone", "op": "is", "value": "out"}]}}
    fulfilment["tasks"][0]["title"] = "Open it for them"
    operations.edit_item(
        item, actor=writer, version=item.version, at=timezone.now(), form=form, fulfilment=fulfilment
    )  # fmt: skip
    entry = Entry.objects.filter(event="catalog_item.edited").latest("id")
    told = {(what, name): (old, new) for what, name, old, new in entry.changes[TOLD][1]}
    assert told["question_options", "Zone"] == ("Inside", "Inside, Outside | 500")
    assert told["question_rules", "Door"] == ("", "min 1")
    assert [line for line in told.items() if line[0][0] == "task"] == [
        (("task", "Open it for them"), ("there", "other")),
    ]  # fmt: skip
    page = browser(User.objects.get(username="item-writer")).get(item.get_absolute_url()).content.decode()
    assert "Zone is Outside" in page
    assert "&quot;field&quot;" not in page
