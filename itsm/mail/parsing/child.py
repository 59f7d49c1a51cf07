"""The program that reads mails: one line of JSON in, one out, until its input ends. It has no Django and no network.

In: {"raw": path, "into": folder, "headers_only": bool}. Out: {"read": ...}, or {"refused": code, "there": number}.
Each mail has five seconds of processor, after which the kernel ends the program; memory is limited once.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

from itsm.mail.parsing import reading
from itsm.mail.parsing.parsed import TooMuch

MEMORY = 512 << 20
CPU_SECONDS = 5


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What is said of one mail; never raises but for what ends the program."""
    try:
        raw = Path(asked["raw"]).read_bytes()
        read = reading.read_headers(raw) if asked["headers_only"] else reading.read(raw, Path(asked["into"]))
        return {"read": read.as_json()}
    except TooMuch as refused:
        return {"refused": refused.code, "there": refused.there}
    except MemoryError:
        return {"refused": "memory", "there": 0}
    except RecursionError:
        return {"refused": "nested", "there": 0}
    except Exception as error:
        return {"refused": "unreadable", "there": 0, "why": type(error).__name__}


def _grant_time() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def main() -> None:
    """Serve until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for line in sys.stdin:
        _grant_time()
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
