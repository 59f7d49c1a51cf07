"""A file of the past: JSON lines, one deployment each, in the names of our own API.

    {"service": "checkout", "environment": "production", "id": "run-811", "version": "4.1", "commit": "9f2…",
     "artifact_digest": "sha256:…", "repository": "acme/checkout", "run_id": "811", "url": "https://…",
     "result": "succeeded", "started_at": "2026-09-01T10:00:00Z", "finished_at": "2026-09-01T10:04:00Z",
     "who": "octocat", "rework": "", "commits": [{"sha": "9f2…", "at": "2026-08-31T16:20:00Z"}]}

`service`, `environment` and one instant are needed; of a line without `id` its place and time name it.
"""

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from changes.delivery.formats.digests import digest_of
from changes.delivery.formats.heard import Heard, Place, whole_id
from changes.delivery.formats.told import ToldCommit
from changes.delivery.vocabulary import Result, Rework
from itsm.intake.reading import NotOurs, instant, links, one_of, text

KNOWN = {
    "service", "environment", "id", "version", "commit", "artifact_digest", "repository", "run_id", "url", "result",
    "started_at", "finished_at", "who", "rework", "commits",
}  # fmt: skip
MOST_COMMITS = 1_000


def read(line: Any) -> Heard:
    """One parsed line. Raises NotOurs with a sentence that says what is wrong in it."""
    if not isinstance(line, dict):
        raise NotOurs(_("A line is an object."))
    unknown = sorted(set(line) - KNOWN)
    if unknown:
        raise NotOurs(_("A line has no “%(name)s”; it may have %(known)s.") % {
            "name": unknown[0][:60], "known": ", ".join(sorted(KNOWN)),
        })  # fmt: skip
    service, environment = text(line.get("service")), text(line.get("environment"))
    if not service or not environment:
        raise NotOurs(_("A line names its service and its environment."))
    result = text(line.get("result")) or Result.SUCCEEDED.value
    rework = text(line.get("rework"))
    for name, said, known in (("result", result, Result.values), ("rework", rework, Rework.values)):
        if said not in known:
            raise NotOurs(
                _("“%(name)s” is one of %(known)s.") % {"name": name, "known": ", ".join(filter(None, known))}
            )
    started_at, finished_at = instant(line.get("started_at")), instant(line.get("finished_at"))
    if started_at is None and finished_at is None:
        raise NotOurs(_("A line says when it started or ended."))
    url = links(line.get("url"))
    commit = text(line.get("commit"))[:64].lower()
    said = "\n".join((service, environment, str(started_at or finished_at), text(line.get("version")), commit))
    return Heard(
        place=Place(
            repository=text(line.get("repository")).lower()[:200], environment=environment[:200], service=service[:63]
        ),
        external_id=whole_id(text(line.get("id"))) or hashlib.sha256(said.encode()).hexdigest(),
        result=Result(result), version=text(line.get("version"))[:100],
        artifact_digest=digest_of(line.get("artifact_digest")), commit=commit, run_id=text(line.get("run_id"))[:200],
        url=url[0] if url else "", started_at=started_at, finished_at=finished_at, who=text(line.get("who"))[:200],
        rework=Rework(rework), commits=_commits(line.get("commits")),
    )  # fmt: skip


def _commits(value: Any) -> tuple[ToldCommit, ...]:
    if value in (None, ""):
        return ()
    if not isinstance(value, list) or len(value) > MOST_COMMITS:
        raise NotOurs(_("“commits” is a list of at most %(most)s.") % {"most": MOST_COMMITS})
    found = []
    for one in value:
        sha, at = text(one_of(one, "sha"))[:64].lower(), instant(one_of(one, "at"))
        if not sha or at is None:
            raise NotOurs(_("A commit has a “sha” and an instant “at”."))
        found.append(ToldCommit(sha, at))
    return tuple(found)
