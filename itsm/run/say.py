"""What the launcher tells the person in front of it: one line per step, with the time it took.

Everything goes to stderr, so that a command run through the launcher keeps stdout to itself.
"""

import sys
import time

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
