"""What a door was told of a deployment, whichever door: values, judged by `operations.record_event`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from changes.delivery.vocabulary import Result, Rework, ToldBy

if TYPE_CHECKING:
    from catalog.models import Service


class ToldCommit(NamedTuple):
    """A commit that a deployment holds, and when it was made."""

    sha: str
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One telling of one deployment. `told_by` and `external_id` name it for ever.

    `environment` is a name of the register. `started_at`, `finished_at`: None where the teller does not say; the
    instant of telling stands in. `blind`: it went out while Headroom could not be asked. `who`: the platform's word for
    a person, never an account of ours. `commits`: what it holds, where the teller says.
    """

    told_by: ToldBy
    external_id: str
    service: "Service"
    environment: str
    version: str = ""
    artifact_digest: str = ""
    commit: str = ""
    repository: str = ""
    run_id: str = ""
    url: str = ""
    result: Result = Result.STARTED
    started_at: datetime | None = None
    finished_at: datetime | None = None
    who: str = ""
    rework: Rework = Rework.NONE
    blind: bool = False
    commits: Sequence[ToldCommit] = field(default_factory=tuple)
