"""Who decides is killed between the answer and the tasks: nothing is lost, nothing is done twice."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from catalog.models import Request
from catalog.requests import operations
from itsm.approvals.models import ApprovalDecision, ApprovalPlan
from itsm.work.models import Task
from itsm.work.tasks import tasks_of
from tests.factories.requests import a_request, an_item, asks, item_of, task

PATIENCE_SECONDS = 120
# Held up where the tasks are laid out: the answer is written, and the transaction is open.
DECIDE = """
import sys, time, django
django.setup()
from catalog.models import Request, RequestItem
from catalog.requests import operations
from catalog.requests.operations import planning
from itsm.accounts.actors import actor_for
from itsm.accounts.models import User
from itsm.kernel.actors import Door
laid = planning.lay_out_plan
def held_up(item, *, actor):
    laid(item, actor=actor)
    print("between", flush=True)
    time.sleep(600)
planning.lay_out_plan = held_up
item = RequestItem.objects.select_related("request").get(pk=int(sys.argv[1]))
operations.decide(item, actor=actor_for(User.objects.get(username="approver"), Door.WEB), decision="approve")
"""

pytestmark = [pytest.mark.in_turn(3, at=2), pytest.mark.timeout(600), pytest.mark.django_db(transaction=True)]


def decider(item_id: int) -> "subprocess.Popen[bytes]":
    given = connection.settings_dict
    who = f"{given['USER']}:{quote(given['PASSWORD'] or '', safe='')}"
    url = f"postgres://{who}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": url, "DATABASE_OWNER_URL": url, "DJANGO_SETTINGS_MODULE": "itsm.settings_test"
    }  # fmt: skip
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", DECIDE, str(item_id)]
    return subprocess.Popen(command, env=environment, cwd=root, stdout=subprocess.PIPE)


def test_killed_between_approval_and_fulfilment_it_waits_as_before_and_is_decided_once(
    requester: Any, approver: Any, as_actor: Any
) -> None:
    requester.manager = approver
    requester.save()
    manager = asks({"who": "manager", "value": "", "quorum": "any"})
    request = a_request(as_actor(requester), an_item(steps=[manager], tasks=[task("order"), task("ship", "order")]))
    item = item_of(request)
    process = decider(item.pk)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"between"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    until = time.monotonic() + PATIENCE_SECONDS
    while _is_held(item.pk) and time.monotonic() < until:  # the database notices that nobody is there any more
        time.sleep(0.05)
    assert (item_of(request).status, ApprovalDecision.objects.count(), Task.objects.count()) == ("approving", 0, 0)
    assert ApprovalPlan.objects.get().status == "open"
    operations.decide(item_of(request), actor=as_actor(approver), decision="approve")
    assert (item_of(request).status, ApprovalDecision.objects.count()) == ("fulfilling", 1)
    assert [one.key for one in tasks_of(item)] == ["order", "ship"]
    assert Request.objects.get().status == "fulfilling"


def _is_held(item_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM catalog_requestitem WHERE id = %s FOR UPDATE SKIP LOCKED", [item_id])
        return cursor.fetchone() is None
