"""What an operator's command did, handed to the desk that keeps it: when it began and ended, of which data, and how."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from itsm.run.say import GiveUp, in_words, say

Tell = Callable[[str], bool]


@dataclass
class Told:
    """Of one run, filled in as it goes."""

    what: str
    began_at: datetime
    of_at: datetime | None = None
    problem: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        return json.dumps({
            "what": self.what, "began_at": self.began_at.isoformat(), "ended_at": datetime.now(UTC).isoformat(),
            "of_at": self.of_at and self.of_at.isoformat(), "problem": self.problem, "facts": self.facts,
        })  # fmt: skip


@contextmanager
def noted(what: str, tell: Tell) -> Iterator[Told]:
    """What the block does is told at its end, also where it gave up or was stopped; not being kept stops nothing."""
    told = Told(what, datetime.now(UTC))
    try:
        yield told
    except GiveUp as given_up:
        told.problem = str(given_up).strip() or what
        raise
    except KeyboardInterrupt:
        told.problem = "It was stopped before its end."
        raise
    except OSError as refused:
        told.problem = in_words(refused)
        raise
    except BaseException as error:
        told.problem = f"{type(error).__name__}: {error}"
        raise
    finally:
        if not tell(told.as_json()):
            say(f"the {what} could not be written down in the desk")
