"""On paper a record is for the desk, and says so, or for its caller, and holds nothing that they may not read."""

from pathlib import Path
from typing import Any

import pytest

from incidents.incident import operations
from incidents.models import Incident
from itsm.accounts.models import User
from tests.factories.files import received

pytestmark = pytest.mark.django_db
PRIVATE = ("Zebra", "salary.txt", "Okapi", "Ibex", "Private", "time worked", "Impact", "Confirmed")


@pytest.fixture
def bo(person: Any) -> User:
    return person("requester", username="bo")


@pytest.fixture
def incident(bo: User, agent: User, as_actor: Any, tmp_path: Path, settings: Any) -> Incident:
    settings.FILES_DIR = str(tmp_path / "files")
    opened, desk = operations.open_incident(actor=as_actor(bo), title="Cannot print"), as_actor(agent)
    operations.say(
        opened, actor=desk, text="Zebra suspects the fuser", private=True, received=[received("salary.txt", b"x")]
    )
    operations.say(opened, actor=desk, text="Which floor?", private=False, received=[received("plan.txt", b"x")])
    operations.add_task(opened, actor=desk, title="Okapi: order a fuser")
    operations.add_time(opened, actor=desk, minutes=47, note="Ibex")
    return opened


def test_what_is_printed_says_that_it_holds_private_notes(incident: Incident, agent: User, bo: User, web: Any) -> None:
    page = web(agent).get(incident.get_absolute_url()).content.decode()
    assert "With private notes" in page
    assert "Zebra" in page
    assert "salary.txt" in page
    assert "With private notes" not in web(bo).get(incident.get_absolute_url()).content.decode()


def test_for_the_caller_nothing_private_is_in_it(incident: Incident, agent: User, bo: User, web: Any) -> None:
    address = f"{incident.get_absolute_url()}?audience=caller"
    for reader in (agent, bo):
        page = web(reader).get(address).content.decode().split("<main", 1)[1].split("</main>", 1)[0]
        assert [word for word in PRIVATE if word in page] == []
        assert "Which floor?" in page
        assert "plan.txt" in page
        assert "hx-get" not in page.replace(f'hx-get="{incident.get_absolute_url()}events/"', ""), "nothing is loaded"


def test_an_audience_that_nobody_knows_is_refused(incident: Incident, agent: User, web: Any) -> None:
    assert web(agent).get(f"{incident.get_absolute_url()}?audience=desk").status_code == 200
    assert web(agent).get(f"{incident.get_absolute_url()}?audience=everybody").status_code == 400
