"""A step's dialog is drawn once, and is still the dialog of that very step in the reader's language."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

from itsm.kernel.actors import Actor
from itsm.kernel.workflow import Chosen, Step, Words, Workflow
from itsm.ui import steps

WHY = Words("why", "reason", "Why <now>?", 20, help="In a sentence.")
WHERE = Words("where", "place", "Where?", 20, rows=1, required=False, where=lambda record: record.place)
CODE = Chosen("code", "code", "Code", 5, choices=[("a", "First"), ("b", "Second")])
TABLE = Workflow(
    Step("close", ["open"], "closed", lambda actor, record: True, "closed", label="Close", colour="red", asks=(WHY, CODE)),
    Step("move", ["open"], None, lambda actor, record: True, "moved", label="Move", asks=(WHERE,)),
    Step("look", ["open"], None, lambda actor, record: True, "seen", label="Look", colour="blue"),
)  # fmt: skip
for action in TABLE.steps:
    TABLE.takes(action)(lambda record, *, actor: record)


def a_record(place: bool = True) -> Any:
    return SimpleNamespace(
        workflow=TABLE,
        status="open",
        kind="incident",
        pk=7,
        reference="INC-00007",
        place=place,
        get_absolute_url="/incidents/INC-00007/",
    )


def drawn(record: Any) -> str:
    offered = steps.offered(record, Actor.system("tests"), "incidents:step")
    page = Template('{% include "components/steps.html" %}')
    return page.render(Context({"steps": offered, "record": record, "csrf_token": "c" * 32}))


def dialogs(page: str) -> dict[str, str]:
    return {one[1]: one[2] for one in re.finditer(r'<dialog class="sheet" id="step-(\w+)"(.*?)</dialog>', page, re.S)}


def test_a_dialog_holds_the_boxes_of_its_step() -> None:
    found = dialogs(drawn(a_record()))
    assert set(found) == {"close", "move"}
    assert 'action="/incidents/INC-00007/close/"' in found["close"]
    assert re.search(r'<textarea name="why"[^>]* required', found["close"])
    assert "Why &lt;now&gt;?" in found["close"]
    assert '<option value="b">Second</option>' in found["close"]
    assert '<h2 id="step-close-title">Close</h2>' in found["close"]
    assert 'name="where"' in found["move"]
    assert 'name="why"' not in found["move"]
    assert all('name="form_token"' in one and 'name="csrfmiddlewaretoken"' in one for one in found.values())


def test_what_is_not_asked_of_a_record_is_not_drawn_for_it() -> None:
    assert "move" in dialogs(drawn(a_record()))
    page = drawn(a_record(place=False))
    assert set(dialogs(page)) == {"close"}
    assert '<form method="post" action="/incidents/INC-00007/move/">' in page
    assert "move" in dialogs(drawn(a_record()))


def test_it_is_drawn_once_in_each_language_with_ids_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    drawings: list[str] = []

    def draw(template: str, context: Any) -> str:
        drawings.append(template)
        return render_to_string(template, context)

    monkeypatch.setattr(steps, "_kept", {})
    monkeypatch.setattr(steps, "render_to_string", draw)
    first, second = steps._drawn((WHY, CODE), "id_a"), steps._drawn((WHY, CODE), "id_b")
    assert 'id="id_a_why"' in first
    assert second == first.replace("id_a", "id_b")
    assert len(drawings) == 1
    with translation.override("de"):
        steps._drawn((WHY, CODE), "id_a")
    assert len(drawings) == 2
    monkeypatch.setattr(steps, "_MOST_KEPT", 0)
    assert steps._drawn((CODE,), "id_a") != first


def test_a_page_is_drawn_while_another_thread_clears_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cleared(dict[Any, Any]):
        def __setitem__(self, key: Any, value: Any) -> None:
            """It is gone by the time somebody looks."""

    expected = steps._drawn((WHY, CODE), "id_a")
    monkeypatch.setattr(steps, "_kept", Cleared())
    assert steps._drawn((WHY, CODE), "id_a") == expected
