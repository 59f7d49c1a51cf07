"""What an article of the knowledge base begins with that is made from a postmortem or a problem."""

import re

from catalog.knowledge.queries.origins import Prefilled
from catalog.knowledge.vocabulary import MAX_TITLE
from incidents.postmortem.models import Postmortem
from incidents.problem.models import Problem
from itsm.kernel.actors import Actor

_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
_FEWEST_WORDS = 3


def article_begun(postmortem: Postmortem, actor: Actor) -> Prefilled:
    """Impact as its symptoms; factors and what was done about it as its text. Of a problem its symptom, by whose words
    the next caller finds it, and its workaround before what was done. For those who work here; of a confidential queue
    for that queue's team alone."""
    problem = postmortem.problem
    ways_round = [_plain(problem.workaround)] if problem is not None and problem.workaround else []
    factors = [f"- {_plain(one)}" for one in postmortem.factors]
    actions = [f"- {_plain(one.outcome or one.text)}" for one in postmortem.actions.all()]
    told = (("## Why", factors), ("## What helps", ways_round), ("## What was done", actions))
    parts = [part for title, lines in told if lines for part in (title, "", *lines, "")]
    return Prefilled(
        title=postmortem.title,
        symptoms=((problem.symptom if problem is not None else "") or postmortem.impact)[:2000],
        body="\n".join(parts).strip(),
        service=postmortem.about.service,
        audience=[f"team:{postmortem.about.team_id}"] if postmortem.about.team.confidential else None,
    )


def article_of_problem(problem: Problem, actor: Actor) -> Prefilled:
    """What is seen first as its title, as the next caller types it; its symptom as symptoms; cause and workaround as
    its text. For those who work here, of a confidential queue for that queue's team alone."""
    parts = [part for title, words in (("## Why", problem.cause), ("## What helps", problem.workaround)) if words
             for part in (title, "", _plain(words), "")]  # fmt: skip
    return Prefilled(
        title=_as_seen(problem),
        symptoms=problem.symptom[:2000],
        body="\n".join(parts).strip(),
        service=problem.service,
        audience=[f"team:{problem.team_id}"] if problem.team.confidential else None,
    )


def _as_seen(problem: Problem) -> str:
    """The first sentence of its symptom, where that says something by itself; else the problem's own statement."""
    said = _plain(problem.symptom.strip().split("\n")[0])
    first = _SENTENCE.split(said, maxsplit=1)[0].rstrip(".;: ")
    return first if len(first.split()) >= _FEWEST_WORDS and len(first) <= MAX_TITLE else problem.statement


def _plain(text: str) -> str:
    return " ".join(text.split())
