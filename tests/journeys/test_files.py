"""Files in a real Chromium: chosen, pasted and dropped into the box of words, and sent also where no script runs."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import User
from itsm.files.models import Attachment
from tests.factories.files import picture
from tests.journeys.conftest import Watched
from tests.journeys.test_hands import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

PASTE_AND_DROP = """() => {
  const box = document.querySelector("#id_text");
  const holding = (name) => { const held = new DataTransfer(); held.items.add(new File(["x"], name)); return held; };
  const how = { bubbles: true, cancelable: true };
  box.dispatchEvent(new ClipboardEvent("paste", { clipboardData: holding("pasted.png"), ...how }));
  box.dispatchEvent(new DragEvent("drop", { dataTransfer: holding("dropped.txt"), ...how }));
}"""


@pytest.fixture
def incident(agent: User, as_actor: Any, tmp_path: Path, settings: Any, live_server: Any) -> Incident:
    settings.FILES_DIR = str(tmp_path / "files")
    settings.BASE_URL = live_server.url
    return operations.open_incident(actor=as_actor(agent), title="Cannot print")


def a_picture(name: str) -> Any:
    return {"name": name, "mimeType": "image/png", "buffer": picture()}


@pytest.mark.parametrize("scripts", [True, False])
def test_they_are_sent_with_a_note(
    scripts: bool, chromium: Browser, incident: Incident, agent: User, live_server: Any
) -> None:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=scripts)
    sign_in(context, agent, live_server.url)
    seen = Watched(context.new_page())
    page = seen.page
    page.goto(incident.get_absolute_url())
    page.set_input_files("[data-files] input[type=file]", [a_picture("chosen.png")])
    expected = ["chosen.png"]
    if scripts:
        page.evaluate(PASTE_AND_DROP)
        expect(page.locator("[data-chosen] li")).to_have_count(3)
        page.locator("[data-chosen] li", has_text="pasted.png").get_by_role("button").click()
        expected.append("dropped.txt")
    else:
        page.fill("#id_text", "See there")
    page.get_by_role("button", name="Note for the team").click()
    expect(page.locator("#files li")).to_have_count(len(expected))
    assert list(Attachment.objects.order_by("id").values_list("name", flat=True)) == expected
    context.close()
    assert seen.wrong == []
