"""GitLab's webhooks: deployments, and the jobs of a pipeline that deploy.

https://docs.gitlab.com/user/project/integrations/webhook_events/. A deployment is named by its project and its job,
which both events know. One that is `blocked` waits for approvals, of which ours is one.
"""

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from changes.delivery.formats.heard import Heard, Held, Place, Read, whole_id
from changes.delivery.formats.told import ToldCommit
from changes.delivery.vocabulary import Result
from itsm.intake.reading import NotOurs, instant, links, one_of, text

_RESULTS = {
    "running": Result.STARTED,
    "success": Result.SUCCEEDED,
    "failed": Result.FAILED,
    "canceled": Result.CANCELLED,
}
_NOT_BEGUN = {"created", "pending", "manual", "skipped", "scheduled", "waiting_for_resource", "preparing", "canceling"}
_SPACED = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) (UTC|[+-]\d\d:?\d\d)$", re.ASCII)
_COMMIT = re.compile(r"/commit/([0-9a-f]{7,64})/?$", re.ASCII)
MOST_JOBS = 500


def read(document: Any) -> Read:
    """One event, by its `object_kind`. Raises NotOurs."""
    kind = text(one_of(document, "object_kind"))
    if kind not in ("deployment", "pipeline"):
        return Read(nothing=_("Nothing follows from events of the type %(event)s.") % {"event": kind[:60] or "?"})
    project = one_of(document, "project")
    repository = text(one_of(project, "path_with_namespace")).lower()
    if not repository:
        raise NotOurs(_("The body names no project."))
    return _deployment(document, project, repository) if kind == "deployment" else _pipeline(document, repository)


def _deployment(document: Any, project: Any, repository: str) -> Read:
    status = text(document.get("status"))
    environment, job = text(document.get("environment")), text(document.get("deployable_id"))
    number = text(document.get("deployment_id"))
    if not environment or not number:
        raise NotOurs(_("A deployment has an id and an environment."))
    place = Place(repository=repository, environment=environment)
    sha = _COMMIT.search(text(document.get("commit_url")))
    found = links(document.get("deployable_url"), document.get("environment_external_url"))
    external_id = whole_id(f"{repository}#job-{job}" if job else f"{repository}#{number}")
    said: dict[str, Any] = {
        "place": place,
        "external_id": external_id,
        "version": text(document.get("ref"))[:100],
        "commit": sha[1] if sha else text(document.get("short_sha"))[:64],
        "run_id": job,
        "url": found[0] if found else "",
        "who": text(one_of(document.get("user"), "username"))[:200],
    }
    if status == "blocked":
        if not number.isascii() or not number.isdigit():
            raise NotOurs(_("A deployment has a number and an environment."))
        # By its path, which is what is mapped: a number could be another project's.
        held = f"/projects/{quote(repository, safe='')}/deployments/{number}/approval"
        return Read(held=Held(key=whole_id(f"{repository}#{number}"), callback=held, **said))
    if status in _NOT_BEGUN:
        return Read(nothing=_("It waits there: nothing runs yet."))
    result, at = _result(status), _instant(document.get("status_changed_at"))
    is_start = result == Result.STARTED
    return Read((
        Heard(result=result, started_at=at if is_start else None, finished_at=None if is_start else at, **said),
    ))  # fmt: skip


def _pipeline(document: Any, repository: str) -> Read:
    attributes = one_of(document, "object_attributes")
    jobs = one_of(document, "builds")
    if not isinstance(attributes, dict) or not isinstance(jobs, list):
        raise NotOurs(_("A pipeline has its attributes and its jobs."))
    deploys = [one for one in jobs[:MOST_JOBS] if text(one_of(one_of(one, "environment"), "action")) == "start"]
    begun = [one for one in deploys if text(one_of(one, "status")) in _RESULTS]
    if not begun:
        return Read(nothing=_("None of its jobs deploys, or none has begun."))
    return Read(tuple(_job(one, document, attributes, repository) for one in begun))


def _job(job: Any, document: Any, attributes: Any, repository: str) -> Heard:
    result = _result(text(one_of(job, "status")))
    commit = one_of(document, "commit")
    sha, at = text(one_of(commit, "id"))[:64], _instant(one_of(commit, "timestamp"))
    found = links(one_of(one_of(document, "project"), "web_url"))
    number = text(one_of(job, "id"))
    finished = _instant(one_of(job, "finished_at"))
    return Heard(
        place=Place(repository=repository, environment=text(one_of(one_of(job, "environment"), "name"))),
        external_id=whole_id(f"{repository}#job-{number}"),
        result=result,
        version=text(attributes.get("ref"))[:100],
        commit=text(attributes.get("sha"))[:64],
        run_id=number,
        url=f"{found[0]}/-/jobs/{number}" if found else "",
        started_at=_instant(one_of(job, "started_at")),
        finished_at=None if result == Result.STARTED else finished,
        who=text(one_of(one_of(job, "user"), "username"))[:200],
        commits=(ToldCommit(sha, at),) if sha and at is not None else (),
    )


def _result(status: str) -> Result:
    found = _RESULTS.get(status)
    if found is None:
        raise NotOurs(_("“%(state)s” is no state of a deployment.") % {"state": status[:40]})
    return found


def _instant(value: Any) -> datetime | None:
    """RFC 3339, or as GitLab writes it: `2021-04-28 21:50:00 +0200`, `2016-08-12 15:23:28 UTC`. Raises NotOurs."""
    spaced = _SPACED.match(value) if isinstance(value, str) else None
    if spaced:
        return instant(spaced[1] + ("Z" if spaced[2] == "UTC" else spaced[2]))
    return instant(value)
