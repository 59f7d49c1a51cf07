"""From a validated body to what the operations take; shape only."""

import json
from collections.abc import Mapping
from typing import Any

from catalog.environments.queries import UnknownEnvironment, canonical
from catalog.environments.vocabulary import DEFAULT
from changes.change.operations.opening import GateRequest
from changes.change.operations.planned import Outage
from itsm.api.idempotency import NaturalKey

_AS_SAID = (
    "summary", "environment", "purpose", "plan", "test_plan", "backout", "no_backout_because", "communication_plan",
    "commit", "implementer", "agreed",
)  # fmt: skip
_IDENTITY = ("provider", "repository", "workflow", "run_id", "attempt", "job")


def gate_request(said: Mapping[str, Any]) -> GateRequest:
    artifact = said.get("artifact") or {}
    window = said.get("window")
    return GateRequest(
        service=said["service"],
        environment=said["environment"],
        change_class=said["change_class"],
        purpose=said["purpose"],
        summary=said["summary"],
        plan=said["plan"],
        test_plan=said["test_plan"],
        backout=said["backout"],
        no_backout_because=said["no_backout_because"],
        communication_plan=said["communication_plan"],
        outage=_outage(said.get("outage")),
        implementer=said.get("implementer"),
        raised_from=tuple(said.get("raised_from") or ()),
        artifact_digest=artifact.get("digest", ""),
        artifact_version=artifact.get("version", ""),
        commit=said["commit"],
        window=(window["start"], window["end"]) if window else None,
        model=said.get("model"),
        pipeline=said.get("pipeline") or {},
        proof=said.get("proof") or {},
        exception=said.get("exception") or {},
        migration=said.get("migration"),
        items=tuple(one.pk for one in said.get("items") or ()),
        answers=said.get("answers") or {},
        callback=said.get("callback"),
    )


def natural_key(body: Any) -> NaturalKey | None:
    """What makes two requests one where no Idempotency-Key was sent: the pipeline's run and the environment's name.

    A run that does not say which attempt it is may ask anew after a final answer.
    """
    pipeline = body.get("pipeline") if isinstance(body, dict) else None
    if not isinstance(pipeline, dict) or not pipeline.get("run_id"):
        return None
    identity = [str("" if pipeline.get(name) is None else pipeline[name]) for name in _IDENTITY]
    text = json.dumps([*identity, str(body.get("service", "")), _environment(body)])
    return NaturalKey(text, ends=not str(pipeline.get("attempt") or "").strip())


def _environment(body: dict[str, Any]) -> str:
    """By its name, where the register knows the word; what it does not know is refused after this."""
    said = str(body.get("environment", DEFAULT))
    try:
        return canonical(said)
    except UnknownEnvironment:
        return said


def edited_fields(said: Mapping[str, Any]) -> dict[str, Any]:
    """A change's editable fields by their model names."""
    fields = {name: said[name] for name in _AS_SAID if name in said}
    if "outage" in said:
        fields["outage"] = _outage(said["outage"])
    if "artifact" in said:
        fields |= {"artifact_digest": said["artifact"]["digest"], "artifact_version": said["artifact"]["version"]}
    if "items" in said:
        fields["items"] = [one.pk for one in said["items"]]
    if "window" in said:
        window = said["window"] or {"start": None, "end": None}
        fields |= {"window_start": window["start"], "window_end": window["end"]}
    return fields


def _outage(said: Mapping[str, Any] | None) -> Outage | None:
    return Outage(said["minutes"], tuple(one.pk for one in said["services"])) if said else None
