"""CONTRIBUTING's recipe "add a step", executed: a row and an operation are added to a copy of the sources, nothing else.

The copy then has the step on the page, over REST, in the printed table, in the timeline and among the routes that the
role matrix asks about.
"""

import inspect
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from incidents.incident import operations
from incidents.incident.workflow import Status

ROOT = Path(__file__).parents[2]
ROW = """    Step("refer", (S.IN_PROGRESS,), S.ON_HOLD, who=workers, done="referred", needs=(a_reason,), \
label=_("Refer"), history=_("referred it")),
    Step("cancel","""
OPERATION = '''

@WORKFLOW.takes("refer")
def refer(incident: Incident, *, actor: Actor, reason: str) -> Incident:
    """Somebody with more to decide takes over; the reason says why."""
    with lifecycle.step(incident, "refer", actor=actor, remark=reason) as current:
        current.reason, current.hold_reason = reason, "vendor"
    return current
'''
# Runs in the copy, on the tests' own database, in a transaction that is rolled back.
PROOF = """
import json, os, django
django.setup()
from django.conf import settings
from django.db import transaction
from django.test import Client
from incidents.incident import operations
from itsm.accounts import operations as accounts
from itsm.accounts.models import User
from itsm.api.permissions import Entry
from itsm.audit.recording import timeline
from itsm.home.management.commands import workflow_tables
from itsm.kernel.actors import Actor
from itsm.ui.activity import activity
from rest_framework.test import APIClient
from tests.api.routes import routes

settings.ALLOWED_HOSTS = ["*"]
found = {"file": operations.__file__}
with transaction.atomic():
    agent = User.objects.create(username="recipe-agent", roles=["agent"])
    reader = User.objects.create(username="recipe-auditor", roles=["auditor"])
    api, web, denied = APIClient(), Client(), APIClient()
    for client, person in ((api, agent), (denied, reader)):
        _, text = accounts.issue_token(person, actor=Actor.system("recipe"), name="recipe", allowed=None)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    web.force_login(agent, backend="itsm.accounts.backends.PeopleOnly")
    incident = operations.open_incident(actor=Actor.system("recipe"), title="Recipe")
    operations.acknowledge(incident, actor=Actor.system("recipe"))
    page, at = f"/incidents/{incident.reference}/", f"/api/v1/incidents/{incident.reference}/"
    found["button"] = "Escalate</a>" in web.get(page).content.decode()
    found["form"] = 'name="reason"' in web.get(f"{page}refer/").content.decode()
    found["available"] = "refer" in api.get(at).json()["available"]
    found["denied"] = denied.post(f"{at}refer/", {"reason": "x"}, format="json").status_code
    found["nothing said"] = api.post(f"{at}refer/", {}, format="json").status_code
    found["state"] = api.post(f"{at}refer/", {"reason": "Above me"}, format="json").json()["state"]
    newest = activity(incident, timeline(incident))[0]
    found["timeline"] = [newest.who, newest.sentence, newest.text]
    transaction.set_rollback(True)
found["table"] = "| refer | in progress | on hold | workers | referred | a reason |" in workflow_tables.tables()
found["matrix"] = "POST incident-refer" in [str(route) for route in routes()]
print(json.dumps(found))
"""


def copied(to: Path) -> Path:
    """The sources: the package that the recipe edits for real, with what is compiled of it, all others as links."""
    for name in ("itsm", "catalog", "slo", "changes", "templates", "tests"):
        (to / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "incidents", to / "incidents")
    return to


def edited(root: Path, source: str | None, before: str, after: str) -> None:
    path = root / Path(str(source)).relative_to(ROOT)
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1) if before else text + after)


@pytest.mark.django_db
def test_a_row_and_an_operation_make_a_step_everywhere(tmp_path: Path) -> None:
    copy = copied(tmp_path)
    edited(copy, inspect.getsourcefile(Status), '    Step("cancel",', ROW)
    edited(copy, inspect.getsourcefile(operations.acknowledge), "", OPERATION)
    parts = connection.settings_dict
    address = f"postgresql://{parts['USER']}:{parts['PASSWORD']}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "DATABASE_OWNER_URL": address,
        "DJANGO_SETTINGS_MODULE": "itsm.settings_test",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(copy),
    }
    ran = subprocess.run(
        [sys.executable, "-c", PROOF], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found.pop("file").startswith(str(copy))
    assert found == {
        "button": True,
        "form": True,
        "available": True,
        "denied": 403,
        "nothing said": 400,
        "state": "on_hold",
        "timeline": ["recipe-agent", "referred it", "Above me"],
        "table": True,
        "matrix": True,
    }
