"""Keepers of the lane, killed again and again in mid-escalation: each step once, no page lost. And 64 tries against one
who acknowledges: none begins after it."""

import os
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.utils import timezone

from itsm.accounts.models import Team, User
from itsm.clocks import keeping
from itsm.notifications.models import Delivery
from itsm.paging import operations
from itsm.paging.models import Escalation, EscalationTaken, Page, PageAttempt
from itsm.paging.operations import calling, reaching
from tests.itsm.paging.company import a_policy
from tests.itsm.paging.test_escalating import begun
from tests.itsm.rivals import rivals
from tests.slo.proving import IN_FULL

KILLS, ESCALATIONS = (int(os.environ.get("KILLS") or 200), 12) if IN_FULL else (4, 2)
MINUTES = 31
AT_MOST = 25  # minutes of killing: what a busy machine has no time for is not claimed (tests/run/kills.py)
# Two keepers at any time. Each walks through half an hour, minute by minute, and is killed by SIGKILL after so many
# statements, wherever that is in a step or a try, until enough have been; the last two live. After each death all that
# must always hold is asked, the dear half of it after every tenth. Prints how many were killed.
KEEPERS = """
import os, random, signal, sys
from datetime import datetime, timedelta
import django
django.setup()
from django.db import connection
from itsm.clocks import due
from itsm.notifications import outbox
from itsm.notifications.lanes import Lane
from itsm.paging.queries import subjects
from tests.invariants_hold import asked
from tests.run.kills import Kills

subjects.register("thing", subjects.SubjectKind(is_over=lambda number: False))
begin_at, minutes, chance = datetime.fromisoformat(sys.argv[2]), int(sys.argv[3]), random.Random()
counted = Kills("paging", int(sys.argv[1]), float(sys.argv[4]))
lanes = (Lane.PAGING,)

def keeping(statements):
    left = [statements]

    def count(execute, *words):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*words)

    with connection.execute_wrapper(count):
        for minute in range(minutes):
            at = begin_at + timedelta(minutes=minute, seconds=20)  # past what an attempt that broke off is noted for
            while outbox.relay(at, lanes=lanes) + due.sweep(at, lanes=lanes):
                pass

def begin():
    mortal = counted.go_on()
    begun.append(pid := os.fork())
    if pid == 0:
        keeping(chance.randrange(5, 150) if mortal else -1)
        os._exit(0)

begun = []
begin()
begin()
while True:
    try:
        _pid, ended = os.wait()
    except ChildProcessError:
        break
    if os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL:
        if (found := asked(full=counted.counted % 10 == 0)):
            sys.exit(f"after kill {counted.counted + 1}: {found}")
        counted.holds("keeper")
        connection.close()  # a child has its own
        begin()
    elif ended:
        sys.exit("a keeper failed")
    elif counted.go_on() and len(begun) < 4 * counted.most:  # it came to its end before: another one looks again
        begin()
if (found := asked(full=True)):
    sys.exit(f"at the end: {found}")
print(counted.told())
print(counted.counted)
"""

pytestmark = [pytest.mark.timeout(2700 if IN_FULL else 900), pytest.mark.django_db(transaction=True)]


def kept(kills: int, begin_at: str) -> int:
    given = connection.settings_dict
    user, password = given["USER"], quote(given["PASSWORD"] or "", safe="")
    url = f"postgres://{user}:{password}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    environment = os.environ | {
        "DATABASE_URL": url, "DATABASE_OWNER_URL": url, "DJANGO_SETTINGS_MODULE": "itsm.settings_test"
    }  # fmt: skip
    if not IN_FULL:
        environment["KILLS_FILE"] = os.devnull  # a sample is not counted
    words = [sys.executable, "-c", KEEPERS, str(kills), begin_at, str(MINUTES), str(AT_MOST)]
    done = subprocess.run(
        words, env=environment, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-5000:]
    print(done.stdout)
    return int(done.stdout.split()[-1])


@pytest.mark.in_turn(3, at=0)
def test_killed_keepers_take_each_step_once_and_lose_no_page(
    payments: Team, engineer: User, agent: User, admin: User
) -> None:
    for person in (engineer, agent, admin):
        person.email = f"{person.username}@example.com"
        person.save()
    now = keeping.now_there() - timedelta(hours=1)
    policy = a_policy(payments, [engineer], [agent], repeats=1, at=now)
    for subject in range(1, ESCALATIONS + 1):
        begun(policy, payments, now, subject=subject)
    assert kept(KILLS, now.isoformat()) >= 1
    for escalation in Escalation.objects.all():
        places = list(
            EscalationTaken.objects.filter(escalation=escalation).order_by("id").values_list("round", "step", "at")
        )
        assert [one[:2] for one in places[:6]] == [(1, 1), (1, 2), (2, 1), (2, 2), (3, 0)]
        late = [
            (at - now).total_seconds() - wanted
            for (_r, _s, at), wanted in zip(places, range(0, 1500, 300), strict=False)
        ]
        assert max(late) < 80, late
    assert not Delivery.objects.filter(channel=calling.CHANNEL, delivered_at=None).exists()
    pages = Counter(Page.objects.values_list("escalation", flat=True))
    assert set(pages.values()) == {5}
    reached = set(PageAttempt.objects.filter(outcome__ok=True).values_list("page", flat=True))
    # Who was called again in the next round is not tried for the page before any more.
    ended_untried = Page.objects.filter(attempts=None).exclude(state="open")
    assert {*Page.objects.values_list("pk", flat=True)} - reached <= {*ended_untried.values_list("pk", flat=True)}


def test_a_try_waits_for_who_acknowledges_and_is_not_made(payments: Team, engineer: User, as_actor) -> None:
    now = timezone.now()
    page = operations.page_people(
        [engineer.pk], subject_kind="thing", subject_id=1, title="Burns", path="/", team_id=payments.pk, urgency="high",
        at=now,
    )[0]  # fmt: skip
    one = reaching._Try(page, "mail", None, "k", 0, ())
    with rivals() as begin:
        with transaction.atomic():
            operations.acknowledge_page(page, actor=as_actor(engineer), at=now)
            other = begin(lambda: reaching._noted(one, "somewhere"))
            assert other.waits()
        with pytest.raises(reaching.NotWanted):
            other.result()
    assert not PageAttempt.objects.exists()


def test_of_64_tries_none_begins_after_somebody_acknowledged(payments: Team, engineer: User, as_actor) -> None:
    now = timezone.now()
    page = operations.page_people(
        [engineer.pk], subject_kind="thing", subject_id=1, title="Burns", path="/", team_id=payments.pk, urgency="high",
        at=now,
    )[0]  # fmt: skip
    go, actor = threading.Event(), as_actor(engineer)
    ended: list[object] = []

    def tries(first: int) -> None:
        go.wait()
        try:
            for number in range(first, 64, 8):
                reaching._noted(reaching._Try(page, "mail", None, f"k{number}", 0, ()), "somewhere")
        except reaching.NotWanted:
            ended.append(first)
        finally:
            connection.close()

    threads = [threading.Thread(target=tries, args=(n,)) for n in range(8)]
    for one in threads:
        one.start()
    go.set()
    operations.acknowledge_page(page, actor=actor, at=timezone.now())
    after = keeping.now_there()
    begun_by_then = PageAttempt.objects.count()
    for one in threads:
        one.join()
    assert PageAttempt.objects.count() == begun_by_then
    assert not PageAttempt.objects.filter(begun_at__gt=after).exists()
