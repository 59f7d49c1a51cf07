"""GitHub's webhooks: deployment_protection_rule, deployment, deployment_status.

https://docs.github.com/webhooks/webhook-events-and-payloads. A deployment that only waits (queued, pending, waiting
for its rules) has not begun: it is told when it runs, and when it has ended. `inactive` says that another took its
place, which is nothing of its own.
"""

import re
from typing import Any

from django.utils.translation import gettext as _

from changes.delivery.formats.digests import digest_in
from changes.delivery.formats.heard import Heard, Held, Place, Read, whole_id
from changes.delivery.formats.told import ToldCommit
from changes.delivery.vocabulary import Result
from itsm.intake.reading import NotOurs, instant, links, one_of, text

EVENTS = ("deployment_protection_rule", "deployment", "deployment_status")
_RESULTS = {
    "in_progress": Result.STARTED,
    "success": Result.SUCCEEDED,
    "failure": Result.FAILED,
    "error": Result.FAILED,
}
_NOT_BEGUN = {"queued", "pending", "waiting", "requested"}
_RUN = re.compile(r"/actions/runs/([0-9]{1,20})/deployment_protection_rule/?\Z", re.ASCII)


def read(event: str, document: Any) -> Read:
    """One event. Raises NotOurs."""
    if event not in EVENTS:
        return Read(nothing=_("Nothing follows from events of the type %(event)s.") % {"event": event[:60] or "?"})
    repository = text(one_of(one_of(document, "repository"), "full_name")).lower()
    if not repository:
        raise NotOurs(_("The body names no repository."))
    if event == "deployment_protection_rule":
        return Read(held=_held(document, repository))
    deployment = one_of(document, "deployment")
    if not isinstance(deployment, dict) or not deployment.get("id"):
        raise NotOurs(_("The body holds no deployment with an id."))
    if event == "deployment":
        return Read(nothing=_("It is prepared; that it runs is told by its status."))
    return _status(document, deployment, repository)


def _status(document: Any, deployment: dict[str, Any], repository: str) -> Read:
    status = one_of(document, "deployment_status")
    state = text(one_of(status, "state")).lower()
    if state in _NOT_BEGUN:
        return Read(nothing=_("It waits there: nothing runs yet."))
    if state == "inactive":
        return Read(nothing=_("Another deployment took its place."))
    result = _RESULTS.get(state)
    if result is None:
        raise NotOurs(_("“%(state)s” is no state of a deployment.") % {"state": state[:40]})
    at = instant(one_of(status, "updated_at") or one_of(status, "created_at"))
    run = one_of(document, "workflow_run")
    found = links(one_of(status, "log_url"), one_of(status, "target_url"), one_of(run, "html_url"))
    environment = text(one_of(deployment, "environment") or one_of(status, "environment"))
    return Read((
        Heard(
            place=Place(repository=repository, workflow=_workflow(document), environment=environment),
            external_id=whole_id(f"{repository}#{text(deployment['id'])}"),
            result=result,
            version=_version(deployment),
            artifact_digest=digest_in(one_of(deployment, "payload")),
            commit=text(deployment.get("sha"))[:64].lower(),
            run_id=text(one_of(run, "id")),
            url=found[0] if found else "",
            started_at=at if result == Result.STARTED else None,
            finished_at=None if result == Result.STARTED else at,
            who=text(one_of(one_of(deployment, "creator"), "login"))[:200],
            commits=_head_of(run),
        ),
    ))  # fmt: skip


def _held(document: Any, repository: str) -> Held:
    deployment, callback = one_of(document, "deployment"), one_of(document, "deployment_callback_url")
    run = _RUN.search(callback) if isinstance(callback, str) else None
    environment = text(one_of(document, "environment"))
    if run is None or not environment or not isinstance(callback, str):
        raise NotOurs(_("A protection rule names its environment and where it is answered."))
    number = text(one_of(deployment, "id"))
    addresses = links(f"https://github.com/{repository}/actions/runs/{run[1]}")
    return Held(
        place=Place(repository=repository, workflow=_workflow(document), environment=environment),
        # A run that is started again is held again, as another deployment.
        key=whole_id(f"{repository}#{run[1]}#{environment}#{number}"),
        external_id=whole_id(f"{repository}#{number}") if number else "",
        callback=callback,
        installation=text(one_of(one_of(document, "installation"), "id"))[:40],
        commit=text(one_of(deployment, "sha"))[:64].lower(),
        version=_version(deployment),
        artifact_digest=digest_in(one_of(deployment, "payload")),
        run_id=run[1],
        url=addresses[0] if addresses else "",
        who=text(one_of(one_of(deployment, "creator") or one_of(document, "sender"), "login"))[:200],
    )


def _workflow(document: Any) -> str:
    named = one_of(one_of(document, "workflow"), "name") or one_of(one_of(document, "workflow_run"), "name")
    return text(named)[:200]


def _version(deployment: Any) -> str:
    """A tag or branch is what a reader knows; a commit stands in its own field."""
    ref = text(one_of(deployment, "ref"))
    return "" if ref == text(one_of(deployment, "sha")) else ref.removeprefix("refs/tags/")[:100]


def _head_of(run: Any) -> tuple[ToldCommit, ...]:
    head = one_of(run, "head_commit")
    sha, at = text(one_of(head, "id")), instant(one_of(head, "timestamp"))
    return (ToldCommit(sha[:64].lower(), at),) if sha and at is not None else ()
