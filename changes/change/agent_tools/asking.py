"""`ask_gate`: the question itself. It opens a change of the agent's account, or asks about one of its again."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from changes.change.agent_tools.answering import answer_about
from changes.change.agent_tools.finding import model_called, service_called
from changes.change.agent_tools.shapes import GateAnswer, Question
from changes.change.models import Change, Evaluation
from changes.change.operations import answering, asking, evaluating
from changes.change.queries import listing
from changes.gate.vocabulary import ChangeClass
from itsm.agents.acting import Call
from itsm.agents.capabilities import Capability
from itsm.agents.tools import Tool
from itsm.kernel.errors import InvalidInput
from itsm.notifications.web_addresses import is_web_address

if TYPE_CHECKING:
    from catalog.models import Service

# By the names of a change's columns; what else a question says is a claim, which the evaluation keeps.
_CONTENT = (
    "purpose", "summary", "plan", "test_plan", "backout", "artifact_digest", "artifact_version", "commit",
)  # fmt: skip
_EXCEPTION = ("incident", "cve", "finding", "rollback_of", "flag")
_PROOF = ("tests_passed", "tests_failed")
_PIPELINE = ("repository", "workflow", "run_id", "url", "paths", "commits")
_STAYS = ("service", "environment", "model")


@transaction.atomic
def run(call: Call, arguments: Question) -> GateAnswer:
    """As `POST /api/v1/gate-evaluations/`, by the agent's account.

    Raises NotFound, NotPermitted, InvalidInput, UnknownEnvironment, WrongState and Conflict.
    """
    said = arguments.model_dump(exclude_none=True, exclude={"idempotency_key"})
    url = said.get("url")
    if url is not None and not is_web_address(url):
        raise InvalidInput.about("url", _("Send an http or https address, without a user name in it."))
    asked = _again(call, said) if arguments.change is not None else _anew(call, said)
    return answer_about(call, asked.change, asked)


def _anew(call: Call, said: Mapping[str, Any]) -> Evaluation:
    for name in ("service", "summary"):
        if not said.get(name, "").strip():
            raise InvalidInput.about(name, _("A new change needs a service and a summary; one of yours, its number."))
    service = service_called(said["service"], call.eyes)
    request = asking.GateRequest(
        service=service,
        environment=said.get("environment", "production"),
        change_class=said.get("change_class", "normal"),
        **{name: said.get(name, "") for name in _CONTENT} | {"purpose": said.get("purpose", "feature")},
        window=_window(said, None),
        model=_model(service, said),
        pipeline={name: said[name] for name in _PIPELINE if name in said},
        proof={name: said[name] for name in _PROOF if name in said},
        exception={name: said[name] for name in _EXCEPTION if name in said},
        migration=said.get("migration"),
        answers=said.get("answers") or {},
    )
    return asking.ask_gate(request, actor=call.actor, at=call.at)


def _model(service: "Service", said: Mapping[str, Any]) -> Any:
    return model_called(said["model"]) if "model" in said else None


def _again(call: Call, said: Mapping[str, Any]) -> Evaluation:
    change = listing.by_reference(call.eyes, said["change"])
    for name in _STAYS:
        if name in said and said[name] != _as_it_is(change, name):
            raise InvalidInput.about(name, _("This stays as it is; leave `change` out to ask about another change."))
    _require_same_kind(change, said)
    fields = {name: said[name] for name in _CONTENT if name in said and said[name] != getattr(change, name)}
    window = _window(said, change.window)
    if window is not None and window != change.window:
        fields |= {"window_start": window[0], "window_end": window[1]}
    claims, newest = _claims(change, said), _newest(change)
    run = {name: said[name] for name in _PIPELINE if name in said}
    if not fields and not claims and not run and newest is not None and newest.status == Evaluation.Status.PENDING:
        return evaluating.evaluate_now(change, actor=call.actor, at=call.at)  # it keeps its place, and who was asked
    return answering.ask_with(
        change, actor=call.actor, version=change.version, says=claims, fields=fields, at=call.at, pipeline=run
    )


def _require_same_kind(change: Change, said: Mapping[str, Any]) -> None:
    """Raise InvalidInput where a normal change is to become one of a model: it was opened without any."""
    wanted = said.get("change_class")
    if wanted == ChangeClass.STANDARD and change.model_id is None:
        told = _("%(change)s was opened as no standard change, and stays so: leave `change` out to open one that is.")
        raise InvalidInput.about("change_class", told % {"change": change.reference})


def _as_it_is(change: Change, name: str) -> Any:
    if name == "service":
        return change.service.slug
    if name == "model":
        return change.model.slug if change.model is not None else None
    return change.environment


def _newest(change: Change) -> Evaluation | None:
    return change.evaluations.order_by("-asked_at", "-id").first()


def _claims(change: Change, said: Mapping[str, Any]) -> dict[str, Any]:
    """What it says of itself otherwise than before; what it leaves out stays."""
    newest = _newest(change)
    before: Mapping[str, Any] = newest.claims if newest is not None else {}
    found: dict[str, Any] = {name: said[name] for name in ("change_class", "purpose", "migration") if name in said}
    for group, names in (("proof", _PROOF), ("exception", _EXCEPTION)):
        if new := {name: said[name] for name in names if name in said}:
            found[group] = {**(before.get(group) or {}), **new}
    if "answers" in said:
        found["answers"] = {**(before.get("answers") or {}), **said["answers"]}
    return found


def _window(said: Mapping[str, Any], now: tuple[datetime, datetime] | None) -> tuple[datetime, datetime] | None:
    """Both ends, or as it was. Raises InvalidInput for one end alone."""
    starts, ends = said.get("window_start"), said.get("window_end")
    if starts is None and ends is None:
        return now
    if starts is None or ends is None:
        raise InvalidInput.about("window_end", _("Say both ends of the window, window_start and window_end."))
    return starts, ends


def stands(call: Call, first: GateAnswer) -> GateAnswer:
    """What was asked with this key before, as it stands now."""
    change = listing.by_reference(call.eyes, first.change)
    return answer_about(call, change, _newest(change))


TOOL = Tool(
    name="ask_gate",
    title="Ask the gate",
    description=(
        "Ask the change gate to let a deployment go. Opens a change (a new summary and service), or asks again about"
        " one of yours (`change`) with only what is otherwise. Approved: it may be deployed once, before expires_at;"
        " report_result tells how it goes. Else `next` says what leads to a kinder answer, and who decides by when."
        " What you say of yourself is a claim: it is kept, and proves nothing."
    ),
    capability=Capability.GATE,
    arguments=Question,
    answer=GateAnswer,
    run=run,
    writes=True,
    writes_outward=True,
    again=stands,
)
