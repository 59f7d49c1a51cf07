"""What would help as steps that somebody can take: what to do, with which tool or which person, where, from when.

A remedy of the gate says in code and values what would have to be otherwise; here it is said how one gets there. Each
code of the gate has a step; a test compares the two.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from changes.change.agent_tools.case import Case
from changes.change.agent_tools.making import ASK, Make
from changes.change.agent_tools.others_steps import OF_ONE_ARTIFACT, OTHERS
from changes.change.agent_tools.own_steps import OWN
from changes.change.agent_tools.shapes import Step, Way
from changes.change.agent_tools.wording import ours
from changes.gate.sentences import help_sentence
from changes.gate.verdict import Help, HelpStep

STEPS: Mapping[str, Make] = {**OWN, **OTHERS}


def ways(case: Case) -> list[Way]:
    """What would help, as the verdict has it: the kindest first, of those the shortest."""
    return [way_of(case, one) for one in case.verdict.what_would_help]


def way_of(case: Case, help: Help) -> Way:
    """One help as steps: whoever asks does theirs first, then others, then time."""
    parts = help.parts or (HelpStep(help.code, help.values),)
    steps = merged([step_of(case, one) for one in parts])
    return Way(leads_to=help.outcome, steps=steps)


def step_of(case: Case, part: HelpStep) -> Step:
    """The step of one part of a help; a code that has none yet is said as the gate says it."""
    make = STEPS.get(part.code)
    if make is not None:
        return make(case, part.values).model_copy(update={"code": part.code})
    said = help_sentence(Help(part.code, case.verdict.outcome, ours(part.values)))
    return Step(code=part.code, do=_("Needed: %(what)s.") % {"what": said}, who="person", people=case.owning)


def merged(steps: list[Step]) -> list[Step]:
    """What is asked again is asked once, with everything that it needs: after what people have to do before, unless
    they can only do it once the artifact has its name."""
    asks = [one for one in steps if one.tool == ASK]
    others = [one for one in steps if one.tool != ASK]
    if not asks:
        return others
    together = asks[0] if len(asks) == 1 else _together(asks)
    named_first = "artifact_digest" in together.you_supply and any(one.code in OF_ONE_ARTIFACT for one in others)
    return [together, *others] if named_first else [*others, together]


def _together(asks: list[Step]) -> Step:
    arguments: dict[str, Any] = {}
    for one in asks:
        arguments |= one.arguments
    supply = dict.fromkeys(name for one in asks for name in one.you_supply if name not in arguments)
    return Step(
        do=" ".join(one.do for one in asks),
        who="you",
        people=list(dict.fromkeys(name for one in asks for name in one.people)),
        tool=ASK,
        arguments=arguments,
        you_supply=list(supply),
        not_before=max((one.not_before for one in asks if one.not_before), default=None),
    )
