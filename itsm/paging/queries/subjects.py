"""What is paged about: each kind is registered by the app above that has it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from itsm.kernel.actors import Actor

TEST = "paging_test"  # the subject of pages by which somebody tries their own rules


def _nothing(*_said: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class SubjectKind:
    """`is_over(id)`: nobody needs to be woken any more. `lock(id)`: its row, held until the transaction ends; always
    before an escalation of it. `on_acknowledged(id, actor, at)`: somebody holds it. `on_exhausted(id, at)`: nobody
    answered. `discreet(id)`: confidential, so that lock screens and text messages name no title. `progressed_at(id)`:
    when somebody last did something about it.
    """

    is_over: Callable[[int], bool]
    lock: Callable[[int], Any] = _nothing
    on_acknowledged: Callable[[int, Actor, datetime], Any] = _nothing
    on_exhausted: Callable[[int, datetime], Any] = _nothing
    discreet: Callable[[int], bool] = lambda number: False
    progressed_at: Callable[[int], datetime | None] = lambda number: None


_known: dict[str, SubjectKind] = {TEST: SubjectKind(is_over=lambda number: False)}


def register(kind: str, subject: SubjectKind) -> None:
    """Say what a kind of subject is. Called once per kind, in `AppConfig.ready()`."""
    _known[kind] = subject


def subject_of(kind: str) -> SubjectKind:
    """Of a kind that this version does not know: one that is never over, and says nothing of itself."""
    return _known.get(kind) or SubjectKind(is_over=lambda number: False, discreet=lambda number: True)
