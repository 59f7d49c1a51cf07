"""The one way in which a tool runs. Whoever may not, is stopped or calls too often is refused; whatever is answered is
in the history: tool, hash of the arguments, for whom, hash of the answer."""

import hashlib
import json
import re
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from pydantic import ValidationError

from itsm.agents import counting, taint, tools
from itsm.agents.acting import Call
from itsm.agents.answers import Answer, Arguments
from itsm.agents.quoting import visible
from itsm.agents.refusals import NotGiven, UnknownTool, failure_of, refusal_of, wrong_arguments
from itsm.agents.tools import Tool
from itsm.api.idempotency import KeyReused, claim_key, keep_answer, let_go
from itsm.audit.recording import record_event
from itsm.kernel.errors import DomainError, InvalidInput
from itsm.notifications.web_addresses import our_address

CALLED = "agent.called"
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")  # as JSON writes it, and no backslash that stands for itself


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call: the `answer` and the same as a JSON text, or the members of a problem.

    `repeated`: the key was used before, so that nothing was done now. `lasting`: the text without what holds for this
    hour only, as it is kept for who sends the key again.
    """

    ok: bool
    answer: Answer | None = None
    refusal: dict[str, Any] | None = None
    document: str = ""
    repeated: bool = False
    lasting: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """`text`: the arguments in their one canonical form, of which `digest` is the hash."""

    name: str
    text: str
    digest: str
    began: float


def call(call: Call, name: str, arguments: Mapping[str, Any]) -> Outcome:
    """Run this tool for the agent; one that writes in a transaction of its own. Raises nothing of a tool: what it
    refuses, and what fails beneath it, is the refusal."""
    counted = counting.count(call.agent, call.at)
    asked, tool = _asked(name, arguments), None
    try:
        counted.require_open()
        tool = _permitted(call, name)
        given = _understood(tool, asked)
        # What only reads notes that it was read, and its entry of the history: each stands by itself.
        with transaction.atomic() if tool.writes else nullcontext():
            return _ran(call, tool, given, asked)
    except DomainError as error:
        refused = error
    except Exception as error:  # whatever a tool meets, its agent gets a sentence
        refused = failure_of(error, name, call.request_id)
    outcome = _refused(refused, call)
    if tool is not None:
        taint.note_refusal(call, outcome.refusal, asked.text)
    if not counted.is_too_many or counted.calls == counting.CALLS_A_MINUTE + 1:  # a flood is told of once a minute
        _note(call, asked, outcome)
    return outcome


def _asked(name: str, arguments: Mapping[str, Any]) -> _Asked:
    text = json.dumps(arguments, sort_keys=True, separators=(",", ":"), default=_number)
    return _Asked(name, text, hashlib.sha256(text.encode()).hexdigest(), time.monotonic())


def _number(value: Any) -> Any:
    """The door reads fractions as exact numbers."""
    return float(value) if isinstance(value, Decimal) else str(value)


def _permitted(call: Call, name: str) -> Tool:
    tool = tools.find(name)
    if tool is None:
        raise UnknownTool(gettext("There is no tool “%(name)s”: list the tools.") % {"name": visible(name[:80])})
    if not call.holds(tool.capability):
        raise NotGiven(
            gettext("“%(tool)s” needs the capability “%(capability)s”, which your owner gives on your page (%(page)s).")
            % {"tool": name, "capability": tool.capability, "page": our_address(call.agent.get_absolute_url())},
            capability=str(tool.capability),
        )
    taint.require_clean(call, tool)
    return tool


def _understood(tool: Tool, asked: _Asked) -> Arguments:
    """By the rules of JSON, where a date is a text. No text may hold what no database keeps."""
    if _NUL.search(asked.text):
        raise InvalidInput(gettext("A text holds a NUL character."))
    try:
        return tool.arguments.model_validate_json(asked.text)
    except ValidationError as error:
        raise wrong_arguments(error) from error


def _ran(call: Call, tool: Tool, given: Arguments, asked: _Asked) -> Outcome:
    """Of a tool that writes: within the transaction of the call."""
    key = getattr(given, "idempotency_key", None) if tool.writes else None
    if key is None:
        return _noted(call, asked, _written(call, tool, given))
    claim, is_new = claim_key(f"user-{call.agent.account_id}", f"/mcp/{tool.name}", f"sent:{key}", asked.digest)
    if not is_new:
        if claim.request_hash != asked.digest:
            raise KeyReused(gettext("The same key came with other arguments before; a new wish needs a new key."))
        return _noted(call, asked, _again(call, tool, claim.report))
    outcome = _written(call, tool, given)
    if outcome.ok:
        keep_answer(claim, outcome.lasting)
    else:
        let_go(claim)  # a refusal is no answer to repeat
    return _noted(call, asked, outcome)


def _written(call: Call, tool: Tool, given: Arguments) -> Outcome:
    """What it wrote stays where nobody stopped the agent while it ran."""
    outcome = _run(call, tool, given)
    if tool.writes:
        counting.require_still_open(call.agent)
    return outcome


def _run(call: Call, tool: Tool, given: Arguments) -> Outcome:
    """The tool's answer; a refusal where what was done before it is meant to stay. Raises the others."""
    try:
        answer = tool.run(call, given)
    except DomainError as error:
        if not error.keeps_effects:
            raise
        return _refused(error, call)
    return _answered(call, answer)


def _again(call: Call, tool: Tool, kept: str) -> Outcome:
    """What was made with this key, as it stands now where the tool can say so; as it was answered else."""
    first = tool.answer.model_validate_json(kept)
    return _answered(call, tool.again(call, first) if tool.again is not None else first, repeated=True)


def _answered(call: Call, answer: Answer, *, repeated: bool = False) -> Outcome:
    taint.note(call, answer)
    now = taint.say_from_when(call, answer)
    lasting = answer.model_dump_json()
    document = lasting if now is answer else now.model_dump_json()
    return Outcome(True, now, document=document, repeated=repeated, lasting=lasting)


def _refused(error: DomainError, call: Call) -> Outcome:
    refusal = refusal_of(error, call.request_id)
    return Outcome(False, refusal=refusal, document=json.dumps(refusal, ensure_ascii=False))


def _noted(call: Call, asked: _Asked, outcome: Outcome) -> Outcome:
    _note(call, asked, outcome)
    return outcome


def _note(call: Call, asked: _Asked, outcome: Outcome) -> None:
    """One entry of the history. `answer`: what came back (`answered`, `repeated`, or the code of the refusal)."""
    code = outcome.refusal["type"].rpartition("/")[2] if outcome.refusal else ""
    said = {
        "tool": visible(asked.name[:60]),
        "arguments": asked.digest,
        "for": call.eyes.name,
        "answer": code or ("repeated" if outcome.repeated else "answered"),
        "answer_hash": hashlib.sha256(outcome.document.encode()).hexdigest(),
        "milliseconds": round((time.monotonic() - asked.began) * 1000),
    }
    record_event(CALLED, call.agent, actor=call.actor, changes={name: [None, value] for name, value in said.items()})
