"""Two thousand mails: taken in within a minute, and applied by the lane that looks at them.

    python -m tests.bench.mail [mails]

Every tenth has a picture, every fifth answers an earlier one, every twentieth was sent by a program. Each ends as one
incident, one word on one, or lies parked or ignored with a reason: they are counted.
"""

import json
import os
import sys
import time
from collections import Counter
from statistics import quantiles
from typing import Any

import django

SIZE = 2_000
SENDERS = 500


def main(mails: int = SIZE) -> dict[str, Any]:
    """Seconds to take them in and to apply them, and how many became what."""
    from django.utils import timezone

    from incidents.models import Incident
    from itsm.mail.applying import apply
    from itsm.mail.intake import accept
    from itsm.mail.models import IncomingMail
    from itsm.mail.parsing import pool

    box, raws = _desk(), _written(mails)
    began, cpu, kept, taken = time.perf_counter(), _cpu(), [], []
    for raw in raws:
        before = time.perf_counter()
        kept.append(accept(raw, mailbox=box, at=timezone.now()).pk)
        taken.append(time.perf_counter() - before)
    accepted, its_cpu = time.perf_counter() - began, _cpu() - cpu
    began, cpu, applied = time.perf_counter(), _cpu(), []
    for number in kept:
        before = time.perf_counter()
        apply(number, timezone.now())
        applied.append(time.perf_counter() - before)
    seconds = time.perf_counter() - began
    pool.end_all()  # what children used is counted once they have ended
    applying_cpu = _cpu() - cpu
    became = Counter(IncomingMail.objects.filter(pk__in=kept).values_list("status", "did", "reason"))
    return {
        "mails": mails,
        "accept": _figures(accepted, its_cpu, taken),
        "apply": _figures(seconds, applying_cpu, applied),
        "became": {" ".join(filter(None, said)): count for said, count in sorted(became.items())},
        "lost": mails - sum(count for said, count in became.items() if said[0] != "new"),
        "incidents": Incident.objects.filter(team=box.team_id).count(),
    }


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
    """A mailbox that is open, of a queue of its own."""
    from itsm.accounts.models import Team
    from itsm.mail.models import Mailbox

    team, _is_new = Team.objects.get_or_create(
        slug="bench-mail", defaults={"name": "Bench of mail", "takes_work": True}
    )
    values = {"address": "bench@desk.example", "team": team, "is_open": True}
    return Mailbox.objects.get_or_create(slug="bench-mail", defaults=values)[0]


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
