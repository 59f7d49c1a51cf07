"""CDEvents of services: deployed, upgraded, rolled back; bare, or as the data of a CloudEvent. https://cdevents.dev"""

from typing import Any

from django.utils.translation import gettext as _

from changes.delivery.formats.digests import digest_of
from changes.delivery.formats.heard import Heard, Place, Read, whole_id
from changes.delivery.vocabulary import Result, Rework
from itsm.intake.cdevents import event_in
from itsm.intake.reading import NotOurs, instant, one_of, text

PREFIX = "dev.cdevents.service."
_DEPLOYS = {"deployed": Rework.NONE, "upgraded": Rework.NONE, "rolledback": Rework.ROLLBACK}


def type_of(document: Any) -> str:
    """Its type, such as `dev.cdevents.service.deployed.0.3.0`; "" where it has none."""
    said = one_of(one_of(event_in(document), "context"), "type")
    return said if isinstance(said, str) else ""


def read(document: Any) -> Read:
    """One event. Raises NotOurs."""
    event = event_in(document)
    context, subject = one_of(event, "context"), one_of(event, "subject")
    if not isinstance(context, dict) or not isinstance(subject, dict):
        raise NotOurs(_("A CDEvent is an object with “context” and “subject”."))
    kind = type_of(event).removeprefix(PREFIX).partition(".")[0]
    if kind not in _DEPLOYS or not type_of(event).startswith(PREFIX):
        return Read(nothing=_("Nothing follows from events of the type %(event)s.") % {"event": type_of(event)[:80]})
    number, content = text(context.get("id")), one_of(subject, "content")
    environment = text(one_of(one_of(content, "environment"), "id"))
    name = text(subject.get("id"))
    if not number or not name or not environment:
        raise NotOurs(_("A deployment has an id, a subject and an environment."))
    artifact = text(one_of(content, "artifactId"))
    source = text(subject.get("source") or context.get("source"))
    return Read((
        Heard(
            place=Place(repository=source.lower()[:200], workflow=name[:200], environment=environment, service=name),
            external_id=whole_id(f"{text(context.get('source'))} {number}"),
            result=Result.SUCCEEDED,
            version=_version(artifact),
            artifact_digest=digest_of(artifact),
            finished_at=instant(context.get("timestamp")),
            run_id=text(context.get("chainId"))[:200],
            rework=_DEPLOYS[kind],
        ),
    ))  # fmt: skip


def _version(purl: str) -> str:
    """What a package URL says after its `@`, where that is no digest."""
    version = purl.partition("?")[0].rpartition("@")[2] if "@" in purl else ""
    return "" if digest_of(version) else version[:100]
