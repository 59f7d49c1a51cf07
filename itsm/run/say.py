"""What the launcher tells the person in front of it: one line per step, with the time it took.

Everything goes to stderr, so that a command run through the launcher keeps stdout to itself.
"""

import os
import sys
import time
from collections.abc import Callable
from typing import NoReturn

BEGAN = time.monotonic()


def say(text: str) -> None:
    sys.stderr.write(f"{time.monotonic() - BEGAN:6.1f} s  {text}\n")
    sys.stderr.flush()


def plain(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


class GiveUp(SystemExit):
    """Ends the launcher with a sentence for people instead of a trace."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"\n{sentence}")


def end_with(main: Callable[[], int]) -> NoReturn:
    """Run a command to its exit code. 130 where somebody stopped it; 1 and a sentence where a disk is away, full or
    closed to us: who has it run by cron reads that in a mail."""
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    except OSError as error:
        raise GiveUp(in_words(error)) from None
    sys.exit(code)


def in_words(error: OSError) -> str:
    """What a disk refused, and where: one sentence, and for a folder of somebody's what to look for."""
    if error.args and isinstance(error.args[0], list) and error.args[0]:  # of `shutil`, which goes on: the first counts
        _source, target, why = error.args[0][0]
        return _refused(str(target), str(why))
    where = error.filename2 or error.filename
    return _refused(os.fsdecode(where) if isinstance(where, str | bytes) else "", error.strerror or str(error))


def _refused(where: str, why: str) -> str:
    if not where:
        return f"It did not come to its end: {why or 'nothing says why'}."
    look = " See whether its disk is there, may be written to and has room." if os.path.isabs(where) else ""
    return f"{where} cannot be read or written: {why}.{look}"
