"""What the launcher tells the person in front of it: one line per step, with the time it took.

Everything goes to stderr, so that a command run through the launcher keeps stdout to itself.
"""

import ast
import errno
import os
import re
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from typing import NoReturn

BEGAN = time.monotonic()

# Said without a file: by a write to one that is open.
_OF_DISKS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE}
_QUOTED = r"'(?:[^'\\]|\\.)*'" + "|" + r'"(?:[^"\\]|\\.)*"'
_OF_SYSTEM = re.compile(rf"\[Errno \d+\] (?P<why>.*?)(?:: (?P<one>{_QUOTED})(?: -> (?P<two>{_QUOTED}))?)?", re.DOTALL)


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
    closed to us, or a program is not there: who has it run by cron reads that in a mail. Whatever else goes wrong
    keeps its trace."""
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    except OSError as error:
        if not _can_be_mended_there(error):
            raise
        raise GiveUp(in_words(error)) from None
    sys.exit(code)


def in_words(error: OSError) -> str:
    """What was refused, and where: one sentence, and for a folder of somebody's what to look for."""
    if error.args and isinstance(error.args[0], list) and error.args[0]:  # of `shutil`, which goes on: the first counts
        _source, target, why = error.args[0][0]
        return _copying_refused(str(target), str(why))
    if program := _program(error):
        return _not_started(program, error)
    why = error.strerror or str(error)
    if not _can_be_mended_there(error):
        why = ": ".join(filter(None, (type(error).__name__, why)))
    return _refused(_place(error), why)


def keep_trace(error: OSError) -> None:
    """For whoever goes on after one that `in_words` alone does not explain: where it was, which may be a fault of ours.
    Of disks and programs nothing more is said."""
    if not _can_be_mended_there(error):
        plain("".join(traceback.format_exception(error)).rstrip())


def _can_be_mended_there(error: OSError) -> bool:
    return bool(_place(error)) or isinstance(error, shutil.Error) or error.errno in _OF_DISKS


def _place(error: OSError) -> str:
    where = error.filename2 or error.filename
    return os.fsdecode(where) if isinstance(where, str | bytes | os.PathLike) else ""


def _program(error: OSError) -> str:
    """What `subprocess` was to start; "" where it was something else that refused, the folder to start it in say."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None or last.tb_frame.f_code.co_filename != subprocess.__file__:
        return ""
    return "" if error.filename == last.tb_frame.f_locals.get("cwd") else _place(error)


def _not_started(program: str, error: OSError) -> str:
    if not isinstance(error, FileNotFoundError):
        return f"The program {program} cannot be started: {error.strerror}."
    look = "" if os.path.dirname(program) else " See whether it is installed, and on the PATH."
    return f"The program {program} is not there.{look}"


def _copying_refused(target: str, said: str) -> str:
    """`shutil` keeps of each error its text alone, such as "[Errno 28] No space left on device: '/a' -> '/b'"."""
    if (found := _OF_SYSTEM.fullmatch(said)) is None:
        return _refused(target, said)
    named = found["two"] or found["one"]
    return _refused(ast.literal_eval(named) if named else target, found["why"])


def _refused(where: str, why: str) -> str:
    if not where:
        return f"It did not come to its end: {why}."
    look = " See whether its disk is there, may be written to and has room." if os.path.isabs(where) else ""
    return f"{where} cannot be read or written: {why}.{look}"
