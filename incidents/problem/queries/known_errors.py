"""Known errors that fit what somebody sees: found by their statement, symptom and workaround."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank

from incidents.incident.models import Incident
from incidents.problem.models import FOUND_BY, Problem
from incidents.problem.queries.linked import problems_of
from incidents.problem.workflow import STANDS_AS_KNOWN
from itsm.kernel.actors import Actor

MOST = 5
_WORD = re.compile(r"[^\W_]{3,40}")
_MOST_WORDS = 30
_LOOKED_AT = 50  # the best by the database's own rank; of these the words are counted
# Without a service in common one word alone says nothing.
_FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class Offer:
    """A known error, and which of the words that were looked for stand in it."""

    problem: Problem
    words: tuple[str, ...]


def fitting(incident: Incident, actor: Actor, text: str = "") -> list[Offer]:
    """Known errors that fit an incident, the best first, without those that are linked to it already.

    `text`: what somebody typed; without it the incident's own title and description. Two queries.
    """
    linked = set(problems_of(incident, actor).values_list("pk", flat=True))
    words = text or f"{incident.title}\n{incident.description}"
    found = known_errors(actor, words, service_id=incident.service_id, typed=bool(text))
    return [one for one in found if one.problem.pk not in linked][:MOST]


def known_errors(actor: Actor, text: str, *, service_id: int | None = None, typed: bool = True) -> list[Offer]:
    """Known errors with a workaround whose words fit, as far as the actor may see them. One query.

    Those of the service come first, and need one word in common; others two, where nobody `typed` a single one.
    """
    words = _words(text)
    if not words:
        return []
    query = SearchQuery(" | ".join(f"{word}:*" for word in words), search_type="raw", config="simple")
    rows = (
        Problem.objects.visible_to(actor)
        .filter(status__in=STANDS_AS_KNOWN)
        .exclude(workaround="")
        .annotate(found_by=FOUND_BY, rank=SearchRank(FOUND_BY, query))
        .filter(found_by=query)
        .select_related("service")
        .order_by("-rank", "-pk")[:_LOOKED_AT]
    )
    offers = [Offer(one, _in_common(one, words)) for one in rows]
    enough = 1 if typed else min(_FEWEST_WORDS, len(words))
    fit = [one for one in offers if len(one.words) >= enough or _is_of(one.problem, service_id)]
    return sorted(fit, key=lambda one: (not _is_of(one.problem, service_id), -len(one.words), -one.problem.pk))


def _words(text: str) -> list[str]:
    """The words of a text, each once, the longest first: they say most."""
    found = dict.fromkeys(word.lower() for word in _WORD.findall(text[:5000]))
    return sorted(found, key=lambda word: (-len(word), word))[:_MOST_WORDS]


def _in_common(problem: Problem, words: Sequence[str]) -> tuple[str, ...]:
    said = f"{problem.statement}\n{problem.symptom}\n{problem.workaround}".lower()
    theirs = set(_WORD.findall(said))
    return tuple(word for word in words if any(one.startswith(word) for one in theirs))


def _is_of(problem: Problem, service_id: int | None) -> bool:
    return service_id is not None and problem.service_id == service_id
