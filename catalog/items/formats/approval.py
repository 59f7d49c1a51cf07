"""Who is asked before an item is fulfilled, step by step.

    {"steps": [{"when": null, "rule": "all", "parts": [
        {"who": "manager", "value": "", "quorum": "any"}, {"who": "team", "value": "security", "quorum": "50%"}]}]}

`value`: the slug of a team, a role, a username, or the key of a question of the type person or team; "" for the
manager and the owner of the service.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog.items.vocabulary import MAX_PARTS, MAX_STEPS, Who
from itsm.fields.form.condition_parsing import parse_condition
from itsm.fields.form.conditions import Group, as_json
from itsm.fields.form.document import Form, FormRefused
from itsm.fields.form.findings import Findings
from itsm.fields.kinds import Definition

_COUNT = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)
_PERCENT = re.compile(r"([1-9][0-9]?|100)%", re.ASCII)
_WITHOUT_VALUE = frozenset({Who.MANAGER.value, Who.SERVICE_OWNER.value})
_NAMING = frozenset({"person", "team"})


@dataclass(frozen=True, slots=True)
class ApprovalPart:
    """`quorum`: any, all, a number of people ("2"), a share of them ("50%")."""

    who: str
    value: str = ""
    quorum: str = "any"

    def to_json(self) -> dict[str, str]:
        return {"who": self.who, "value": self.value, "quorum": self.quorum}


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """`rule`: all of its parts, or any of them. It is left out where its condition does not hold."""

    parts: tuple[ApprovalPart, ...]
    rule: str = "all"
    when: Group | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    steps: tuple[ApprovalStep, ...] = ()

    @property
    def asks_always(self) -> bool:
        """Whether somebody is asked whatever is answered."""
        return any(one.when is None for one in self.steps)

    def to_json(self) -> dict[str, Any]:
        return {
            "steps": [
                {"when": as_json(one.when), "rule": one.rule, "parts": [part.to_json() for part in one.parts]}
                for one in self.steps
            ]
        }


def parse_approval(raw: Any, form: Form) -> Approval:
    """The approval that a document says, of an item with this form. Raises FormRefused with what is wrong, by path."""
    found = Findings()
    body = found.mapping("", raw, ("steps",))
    known = form.definitions
    steps = found.listed("steps", body.get("steps", []), MAX_STEPS)
    read = tuple(_step(found, f"steps.{at}", one, known) for at, one in enumerate(steps))
    if found.errors:
        raise FormRefused(_("The approval cannot be used like this."), found.errors)
    return Approval(read)


def _step(found: Findings, path: str, raw: Any, known: Mapping[str, Definition]) -> ApprovalStep:
    body = found.mapping(path, raw, ("when", "parts", "rule"))
    parts = found.listed(f"{path}.parts", body.get("parts", []), MAX_PARTS)
    if not parts:
        found.add(f"{path}.parts", _("Say who is asked."))
    return ApprovalStep(
        tuple(_part(found, f"{path}.parts.{at}", one, known) for at, one in enumerate(parts)),
        found.one_of(f"{path}.rule", body.get("rule", "all"), ("all", "any")),
        parse_condition(found, f"{path}.when", body.get("when"), known),
    )


def _part(found: Findings, path: str, raw: Any, known: Mapping[str, Definition]) -> ApprovalPart:
    body = found.mapping(path, raw, ("who", "value", "quorum"))
    who = found.one_of(f"{path}.who", body.get("who"), tuple(Who.values))
    value = found.text(f"{path}.value", body.get("value"), 150, needed=who not in _WITHOUT_VALUE)
    if who == Who.QUESTION and (value not in known or known[value].type not in _NAMING):
        found.add(f"{path}.value", _("Name a question that asks for a person or a team."))
    return ApprovalPart(who, "" if who in _WITHOUT_VALUE else value, _quorum(found, path, body.get("quorum", "any")))


def _quorum(found: Findings, path: str, raw: Any) -> str:
    text = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
    text = text.replace(" ", "") if isinstance(text, str) else ""
    if text in ("any", "all") or _COUNT.fullmatch(text) or _PERCENT.fullmatch(text):
        return text
    found.add(f"{path}.quorum", _("Send any, all, a number of people, or a share of them such as 50%."))
    return "any"
