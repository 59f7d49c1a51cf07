"""Two thousand mails: taken in, and applied by the lane that looks at them, while its children are killed.

    python -m tests.bench.mail [mails]

Every tenth has a picture, every fifth answers an earlier one, every twentieth was sent by a program. Each ends as one
incident, one word on one, or lies parked or ignored with a reason: they are counted. The lane is kept by a program of its
own as in `make run`, one of whose children is killed each second. Then as many as a tenth by one thread, to see what one costs.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import django

from tests.bench.server import cpu_seconds

SIZE = 2_000
SENDERS = 500
_PATIENCE = 900.0


def main(mails: int = SIZE) -> dict[str, Any]:
    """Seconds to take them in, seconds until the lane has applied them all, and how many became what."""
    from django.utils import timezone

    from incidents.models import Incident
    from itsm.mail.applying import apply
    from itsm.mail.models import IncomingMail
    from itsm.mail.parsing import pool

    box, raws = _desk(), _written(mails + max(mails // 10, 20))
    kept, took = _accepted(raws[:mails], box)
    lane = _kept_by_the_lane(kept)
    became = Counter(IncomingMail.objects.filter(pk__in=kept).values_list("status", "did", "reason"))
    cut = IncomingMail.objects.filter(pk__in=kept, flags__contains=["headers-only"]).count()
    incidents = Incident.objects.filter(team=box.team_id).count()
    more, _took = _accepted(raws[mails:], box)
    cpu, applied = _cpu(), []
    began = time.perf_counter()
    for number in more:
        before = time.perf_counter()
        apply(number, timezone.now())
        applied.append(time.perf_counter() - before)
    seconds = time.perf_counter() - began
    pool.end_all()  # what children used is counted once they have ended
    return {
        "mails": mails,
        "accept": took,
        "lane": lane | {"read_by_headers_alone": cut},
        "one_thread": {"mails": len(more)} | _figures(seconds, _cpu() - cpu, applied),
        "became": {" ".join(filter(None, said)): count for said, count in sorted(became.items())},
        "lost": mails - sum(count for said, count in became.items() if said[0] != "new"),
        "incidents": incidents,
    }


def _accepted(raws: Sequence[bytes], box: Any) -> tuple[list[int], dict[str, float]]:
    from django.utils import timezone

    from itsm.mail.intake import accept

    began, cpu, kept, taken = time.perf_counter(), _cpu(), [], []
    for raw in raws:
        before = time.perf_counter()
        kept.append(accept(raw, mailbox=box, at=timezone.now()).pk)
        taken.append(time.perf_counter() - before)
    return kept, _figures(time.perf_counter() - began, _cpu() - cpu, taken)


def _kept_by_the_lane(kept: Sequence[int]) -> dict[str, float]:
    """From the first that the lane has applied to the last, and the longest that nothing was applied meanwhile."""
    from itsm.mail.models import IncomingMail

    keeper = subprocess.Popen([sys.executable, "manage.py", "keep_lanes", "intake"], stderr=subprocess.DEVNULL)
    over = threading.Event()
    killed: list[int] = []
    killing = threading.Thread(target=_kill_children, args=(keeper.pid, over, killed))
    killing.start()
    new = IncomingMail.objects.filter(pk__in=kept, status="new")
    try:
        began, left, moved, longest = 0.0, len(kept), 0.0, 0.0
        deadline = time.perf_counter() + _PATIENCE
        while left and time.perf_counter() < deadline:
            time.sleep(0.2)
            now, still = time.perf_counter(), new.count()
            if still < left:
                longest = max(longest, now - moved) if began else 0.0
                began, left, moved = began or now, still, now
        seconds = moved - began
        spent = cpu_seconds(keeper.pid)
    finally:
        over.set()
        killing.join()
        keeper.terminate()
        keeper.wait(60)
    return {
        "seconds": round(seconds, 1), "a_second": round(len(kept) / max(seconds, 0.1), 1), "longest_pause_s": round(longest, 1),
        "children_killed": len(killed), "keeper_cpu_s": round(spent, 1),
    }  # fmt: skip


def _kill_children(parent: int, over: threading.Event, killed: list[int]) -> None:
    """One that reads for this program, each second."""
    while not over.wait(1.0):
        if found := _children_of(parent):
            with contextlib.suppress(ProcessLookupError):
                os.kill(found[0], signal.SIGKILL)
                killed.append(found[0])


def _children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, its_parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(its_parent) == parent and state != "Z":
                found.append(int(stat.parent.name))
    return found


def _cpu() -> float:
    """Seconds of processor of this process and its children that have ended; the database's own are not among them."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _figures(seconds: float, cpu: float, each: list[float]) -> dict[str, float]:
    cuts = quantiles(each, n=20)
    return {
        "seconds": round(seconds, 1), "cpu_s": round(cpu, 1), "p50_ms": round(cuts[9] * 1000, 1), "p95_ms": round(cuts[18] * 1000, 1),
        "longest_ms": round(max(each) * 1000, 1),
    }  # fmt: skip


def _desk() -> Any:
    """A mailbox of a queue of its own, and those who write to it."""
    from itsm.accounts.models import Team
    from itsm.mail import senders
    from itsm.mail.models import Mailbox

    team, _is_new = Team.objects.get_or_create(
        slug="bench-mail", defaults={"name": "Bench of mail", "takes_work": True}
    )
    values = {"address": "bench@desk.example", "team": team, "is_open": True}
    made = Mailbox.objects.get_or_create(slug="bench-mail", defaults=values)[0]
    for number in range(SENDERS):  # more strangers than an hour lets in
        if senders.known(f"p{number}@bench.example") is None:
            senders.guest(f"p{number}@bench.example", f"Person {number}")
    return made


def _written(mails: int) -> list[bytes]:
    from tests.itsm.mail.mails import a_mail

    picture = b"\x89PNG" + bytes(range(256)) * 200
    found = []
    for number in range(mails):
        files = [("shot.png", "image/png", picture)] if number % 10 == 0 else []
        headers = {"Auto_Submitted": "auto-replied"} if number % 20 == 19 else {}
        answers = number - SENDERS if number % 5 == 4 else -1
        if answers >= 0:
            headers |= {"References": f"<bench-{answers}@mail.example.org>"}
        found.append(
            a_mail(
                f"p{number % SENDERS}@bench.example",
                f"Number {number}",
                "It does not work.\n\n> and it did\n" * 20,
                to="bench@desk.example",
                files=files,
                message_id=f"<bench-{number}@mail.example.org>",
                **headers,
            )
        )
    return found


if __name__ == "__main__":
    django.setup()
    sys.stdout.write(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIZE), indent=2) + "\n")
