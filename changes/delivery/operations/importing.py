"""The past of deployments, taken from a file: what is good is taken, what is not is said line by line. Safe to repeat.

What is told of a time before its service was watched needs no authorisation; nothing that is imported is one, and
nothing of it is believed by a verdict.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from rest_framework.exceptions import ParseError

from catalog.services.queries import every_service
from changes.delivery.formats import history
from changes.delivery.formats.heard import whole_id
from changes.delivery.formats.told import Told
from changes.delivery.models import DeploymentEvent
from changes.delivery.operations.recording import record_event
from changes.delivery.vocabulary import Result, ToldBy
from itsm.api.parsers import loads
from itsm.intake.reading import NotOurs
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError, NotPermitted
from itsm.locks import taken_back

if TYPE_CHECKING:
    from catalog.models import Service

LONGEST_LINE = 200_000  # bytes
MOST_TOLD = 100  # lines whose fault is named


@dataclass(slots=True)
class Imported:
    """`new`, `known`: deployments; `wrong`: how many lines were refused, `said`: the first of them with the reason."""

    new: int = 0
    known: int = 0
    wrong: int = 0
    said: list[tuple[int, str]] = field(default_factory=list)


def import_history(lines: Iterable[bytes], *, actor: Actor, at: datetime, dry_run: bool = False) -> Imported:
    """Take each line that is good. Empty lines are left out. `dry_run`: nothing is kept, everything is judged.

    Raises NotPermitted for whoever is no operator of this installation.
    """
    if not actor.is_system:
        raise NotPermitted(gettext("The operator imports the past of deployments, by a command."))
    done, services = Imported(), {one.slug: one for one in every_service()}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            told = _told(line, services)
            known = DeploymentEvent.objects.filter(told_by=told.told_by, external_id=told.external_id).exists()
            with taken_back(dry_run):
                record_event(told, actor=actor, at=at)
        except (NotOurs, DomainError, ParseError) as error:
            done.wrong += 1
            if len(done.said) < MOST_TOLD:
                done.said.append((number, str(getattr(error, "detail", error))))
            continue
        done.known, done.new = done.known + known, done.new + (not known)
    return done


def _told(line: bytes, services: "Mapping[str, Service]") -> Told:
    if len(line) > LONGEST_LINE:
        raise NotOurs(gettext("The line is longer than %(most)s bytes.") % {"most": LONGEST_LINE})
    heard = history.read(loads(line))
    service = services.get(heard.place.service.lower())
    if service is None:
        raise NotOurs(gettext("There is no service called %(slug)s.") % {"slug": heard.place.service})
    ended = heard.result != Result.STARTED
    return Told(
        told_by=ToldBy.IMPORT, external_id=whole_id(f"{heard.place.service.lower()}:{heard.external_id}"),
        service=service,
        environment=heard.place.environment, version=heard.version, artifact_digest=heard.artifact_digest,
        commit=heard.commit, repository=heard.place.repository, run_id=heard.run_id, url=heard.url,
        result=heard.result, started_at=heard.started_at,
        finished_at=(heard.finished_at or heard.started_at) if ended else None, who=heard.who, rework=heard.rework,
        commits=heard.commits,
    )  # fmt: skip
