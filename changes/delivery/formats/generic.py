"""JSON of any shape, by a mapping of JSON pointers: where its deployments stand, and in each what says what.

    {"deployments": "/events", "id": "/number", "repository": "/job", "workflow": "/stage", "environment": "/target",
     "service": "/app", "result": "/state", "results": {"OK": "succeeded", "BROKEN": "failed"}, "version": "/tag",
     "digest": "/image", "commit": "/sha", "run": "/build", "url": "/link", "started_at": "/from",
     "finished_at": "/to", "who": "/by", "committed_at": "/authored"}

`deployments` is looked up in the body ("" where the body is one, or a list of them), the others in each.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from changes.delivery.formats.digests import digest_of
from changes.delivery.formats.heard import Heard, Place, Read, whole_id
from changes.delivery.formats.told import ToldCommit
from changes.delivery.vocabulary import Result
from itsm.intake.pointers import check, look_up
from itsm.intake.reading import NotOurs, instant, links, text

POINTERS = (
    "deployments", "id", "repository", "workflow", "environment", "service", "result", "version", "digest", "commit",
    "run", "url", "started_at", "finished_at", "who", "committed_at",
)  # fmt: skip
NEEDED = ("id", "environment")
MOST = 500
_KNOWN = frozenset(Result.values)
_USUAL = {one.value: one for one in Result} | {"success": Result.SUCCEEDED, "failure": Result.FAILED}


def checked(mapping: Any) -> dict[str, Any]:
    """A mapping as it is kept. Raises NotOurs with a sentence that names the wrong entry."""
    if not isinstance(mapping, dict):
        raise NotOurs(_("A mapping is an object."))
    unknown = sorted(set(mapping) - {*POINTERS, "results"})
    if unknown:
        words = {"name": unknown[0][:60], "known": ", ".join((*POINTERS, "results"))}
        raise NotOurs(_("A mapping has no “%(name)s”; it may have %(known)s.") % words)
    for name in POINTERS:
        check(mapping.get(name, ""))
    for name in NEEDED:
        if not mapping.get(name):
            raise NotOurs(_("A mapping says where “%(name)s” stands.") % {"name": name})
    if not mapping.get("repository") and not mapping.get("service"):
        raise NotOurs(_("A mapping says where “repository” or “service” stands."))
    results = mapping.get("results", {})
    known = isinstance(results, dict) and all(isinstance(one, str) and one in _KNOWN for one in results.values())
    if not known or len(results) > 100:
        raise NotOurs(_("“results” is an object whose values are %(known)s.") % {"known": ", ".join(Result.values)})
    return dict(mapping)


def read(document: Any, mapping: Mapping[str, Any]) -> Read:
    """The deployments that the mapping finds. Raises NotOurs."""
    if not mapping:
        raise NotOurs(_("This source has no mapping yet: say where its deployments stand."))
    found = look_up(document, mapping.get("deployments", ""))
    if found is None:
        raise NotOurs(_("Nothing stands at “%(pointer)s”.") % {"pointer": mapping.get("deployments", "")})
    rows = found if isinstance(found, list) else [found]
    if len(rows) > MOST:
        raise NotOurs(_("A body holds at most %(most)s deployments.") % {"most": MOST})
    return Read(tuple(_one(row, mapping) for row in rows), nothing="" if rows else _("The list is empty."))


def _one(row: Any, mapping: Mapping[str, Any]) -> Heard:
    if not isinstance(row, dict):
        raise NotOurs(_("A deployment is an object."))

    def at(name: str) -> Any:
        return look_up(row, mapping[name]) if mapping.get(name) else None

    number, environment = text(at("id")), text(at("environment"))
    if not number or not environment:
        raise NotOurs(_("A deployment has an id and an environment."))
    service = text(at("service"))
    sha, committed_at = text(at("commit"))[:64].lower(), instant(at("committed_at"))
    url = links(at("url"))
    return Heard(
        place=Place(
            repository=(text(at("repository")) or service).lower()[:200], workflow=text(at("workflow"))[:200],
            environment=environment[:200], service=service[:63],
        ),
        external_id=whole_id(number), result=_result(text(at("result")), mapping), version=text(at("version"))[:100],
        artifact_digest=digest_of(at("digest")), commit=sha, run_id=text(at("run"))[:200], url=url[0] if url else "",
        started_at=instant(at("started_at")), finished_at=instant(at("finished_at")), who=text(at("who"))[:200],
        commits=(ToldCommit(sha, committed_at),) if sha and committed_at else (),
    )  # fmt: skip


def _result(said: str, mapping: Mapping[str, Any]) -> Result:
    """What the table says of it, else the usual words; what says nothing has succeeded."""
    if not said and not mapping.get("result"):
        return Result.SUCCEEDED
    word = mapping.get("results", {}).get(said)
    found = Result(word) if word else _USUAL.get(said.lower())
    if found is None:
        raise NotOurs(_("The table of results does not say what “%(state)s” means.") % {"state": said[:60]})
    return found
