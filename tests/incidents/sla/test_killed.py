"""Two sweepers, each ended again and again in the middle of what it does: each warning, breach and level acts once."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from catalog.agreements import operations as agreements
from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from itsm.accounts.models import Membership, Team, User
from itsm.clocks.models import Clock, Due
from itsm.notifications.models import Delivery, Notification
from tests.conftest import SYSTEM
from tests.slo.proving import IN_FULL

KILLS, INCIDENTS = (20, 24) if IN_FULL else (2, 3)
CLOCKS, TOLD = ("first_response", "resolve"), ["warn_50", "warn_75", "breach", "level_1"]
# Two processes at any time. Each is killed by SIGKILL after so many statements, wherever that is in a promise, until
# enough have been; the last two live until nothing is owed. Prints how many were killed.
SWEEPERS = """
import os, random, signal, sys
from datetime import timedelta
import django
django.setup()
from django.db import connection
from django.utils import timezone
from itsm.clocks import due
from itsm.clocks.models import Due

kills, chance = int(sys.argv[1]), random.Random()
at = timezone.now() + timedelta(days=2)
owed = Due.objects.filter(record_kind="clock", at__lte=at, done_at=None, given_up_at=None)

def sweeping(statements):
    left = [statements]

    def count(execute, *words):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*words)

    with connection.execute_wrapper(count):
        while owed.exists():
            due.sweep(at)

def begin():
    mortal = len(begun) < kills
    begun.append(pid := os.fork())
    if pid == 0:
        sweeping(chance.randrange(2, 60) if mortal else -1)
        os._exit(0)

begun, killed = [], 0
begin()
begin()
while True:
    try:
        _pid, ended = os.wait()
    except ChildProcessError:
        break
    if os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL:
        killed += 1
        begin()
    elif ended:
        sys.exit("a sweeper failed")
print(killed)
"""

pytestmark = [pytest.mark.in_turn(3, at=0), pytest.mark.timeout(900), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def network(agent: User, manager: User) -> Team:
    team = Team.objects.create(slug="network", name="Network", takes_work=True)
    Membership.objects.create(user=agent, team=team)
    Membership.objects.create(user=manager, team=team, lead=True)
    return team


def swept(kills: int) -> int:
    given = connection.settings_dict
    url = f"postgres://{given['USER']}:{quote(given['PASSWORD'] or '', safe='')}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": url, "DATABASE_OWNER_URL": url, "DJANGO_SETTINGS_MODULE": "itsm.settings_test"
    }  # fmt: skip
    words = [sys.executable, "-c", SWEEPERS, str(kills)]
    done = subprocess.run(
        words, env=environment, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-5000:]
    return int(done.stdout.split()[-1])


def test_killed_in_the_middle_each_warning_breach_and_level_acts_once(
    network: Team, agent: User, manager: User
) -> None:
    levels = [{"after_minutes": 30, "tell": ["lead"]}]
    agreements.create_agreement(
        actor=SYSTEM, at=timezone.now(), name="Gold", targets={"first_response": 30, "resolve": 60}, levels=levels
    )
    made = [
        incidents.open_incident(actor=SYSTEM, title=f"Slow {n}", priority=3, team=network, channel="mail")
        for n in range(INCIDENTS)
    ]
    Incident.objects.update(assigned_to=agent)
    Notification.objects.all().delete()
    Delivery.objects.all().delete()
    assert swept(KILLS) == KILLS
    ids = [one.pk for one in made]
    rows = Due.objects.filter(record_kind="clock")
    assert not rows.filter(done_at=None).exists()
    # Each once; which of two that are due at once is told first is the sweepers' to say.
    assert {(c.name, c.record_id): sorted(c.told) for c in Clock.objects.all()} == {
        (name, pk): sorted(TOLD) for name in CLOCKS for pk in ids
    }
    said = Counter(Notification.objects.values_list("to__username", "record_id", "subject"))
    assert set(said.values()) == {1}
    assert Counter((who, record) for who, record, _subject in said) == Counter(
        {(agent.username, pk): 6 for pk in ids} | {(manager.username, pk): 2 for pk in ids}
    )
    assert Delivery.objects.filter(channel="mail").count() == len(said)
    assert set(Incident.objects.values_list("escalated_hierarchically", flat=True)) == {2}
