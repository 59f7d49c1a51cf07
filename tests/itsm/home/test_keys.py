"""Single keys are a person's own choice: others, or none."""

import re
from pathlib import Path
from typing import Any

import pytest

from catalog.health.views.rounds import KEYS as ANSWERS
from itsm.accounts.keyboard import USUAL, set_keyboard
from itsm.accounts.models import User
from itsm.audit.models import Entry
from itsm.home.keys import MEANINGS
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.context import entries

ROOT = Path(__file__).parents[3]
KEYS = "/api/v1/keyboard/"


def boxes(**own: str) -> dict[str, str]:
    return {**{usual: usual for usual in USUAL}, "single_keys": "on", **own}


def test_every_key_that_a_page_knows_can_be_chosen_and_is_explained() -> None:
    found: set[str] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        found |= {key[0] for key in re.findall(r'data-key(?:-also)?="([^"{]+)"', path.read_text(encoding="utf-8"))}
    found |= {key for _answer, key in ANSWERS}  # drawn from a table
    assert found | set("jkox.") <= set(USUAL)
    assert set(MEANINGS) == set(USUAL)


def test_no_page_gives_away_a_key_that_the_navigation_leads_by() -> None:
    """The navigation comes first on a page: a second meaning of its key would never be heard."""
    written = {
        key: path.name
        for path in (ROOT / "templates").rglob("*.html")
        for key in re.findall(r'data-key(?:-also)?="g ([^"{]+)"', path.read_text(encoding="utf-8"))
    }
    assert {entry.key: written[entry.key] for entry in entries() if entry.key in written} == {}


def test_keys_are_chosen_on_the_page_and_every_page_knows_them(engineer: User, web: Any) -> None:
    browser = web(engineer)
    assert browser.post("/keys/", boxes(a="y")).status_code == 302
    engineer.refresh_from_db()
    assert engineer.keyboard == {"map": {"a": "y"}}
    assert "&quot;a&quot;: &quot;y&quot;" in browser.get("/").content.decode()
    assert Entry.objects.filter(event="user.keys_chosen").count() == 1


def test_they_are_switched_off_and_back_to_the_usual(engineer: User, web: Any) -> None:
    browser, off = web(engineer), boxes()
    del off["single_keys"]
    browser.post("/keys/", off)
    engineer.refresh_from_db()
    assert engineer.keyboard == {"off": True}
    browser.post("/keys/", {"as_usual": "on"})
    engineer.refresh_from_db()
    assert engineer.keyboard == {}


@pytest.mark.parametrize("own", [{"a": "e"}, {"a": ""}, {"a": " "}, {"a": "ab"}])
def test_two_deeds_on_one_key_and_no_key_at_all_are_refused(own: dict[str, str], engineer: User, web: Any) -> None:
    assert web(engineer).post("/keys/", boxes(**own)).status_code in {400, 422}
    engineer.refresh_from_db()
    assert engineer.keyboard == {}


def test_two_keys_may_change_places(engineer: User, as_actor: Any) -> None:
    kept = set_keyboard(engineer, actor=as_actor(engineer), single_keys=True, remapped={"a": "e", "e": "a"})
    assert kept.keyboard == {"map": {"a": "e", "e": "a"}}


def test_nobody_chooses_for_another(engineer: User, admin: User, as_actor: Any) -> None:
    with pytest.raises(NotPermitted):
        set_keyboard(engineer, actor=as_actor(admin), single_keys=False, remapped={})


def test_an_unknown_key_is_named(engineer: User, as_actor: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_keyboard(engineer, actor=as_actor(engineer), single_keys=True, remapped={"y": "h"})
    assert "y" in refused.value.errors


def test_over_rest_it_is_the_same(engineer: User, api: Any) -> None:
    client = api(engineer)
    before = client.get(KEYS)
    assert (before.json()["single_keys"], before.json()["remapped"]) == (True, {})
    changed = client.patch(KEYS, {"single_keys": False, "remapped": {"a": "y"}}, format="json")
    assert changed.json()["remapped"] == {"a": "y"}
    stale = client.patch(KEYS, {"single_keys": True}, format="json", HTTP_IF_MATCH=before["ETag"])
    assert stale.status_code == 412
    partly = client.patch(KEYS, {"single_keys": True}, format="json", HTTP_IF_MATCH=changed["ETag"])
    assert partly.json()["remapped"] == {"a": "y"}
    assert client.patch(KEYS, {"remapped": {"a": "e"}}, format="json").status_code == 400
