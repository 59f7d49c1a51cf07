"""Another turn of phrase for words that look for somebody to blame. It offers; it never blocks, and nothing counts it.

Pure: lists of phrases by language, and the names of people who were there. A phrase is found as words, in any case.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MOST_TURNS = 20
_MOST_NAMES = 200


class Turn(NamedTuple):
    """`found`: the words as they stand there; `offer`: another way to say it."""

    found: str
    offer: str


# What is looked for, as a pattern over words; what to try instead.
_PHRASES: tuple[tuple[str, object], ...] = (
    (r"(?:should|could|ought to|must) have(?: \w+(?:ed|en))?|should'?ve|could'?ve",
     _("Say what happened, not what would have been better: what did people see at that moment?")),
    (r"fail(?:ed|s|ing)? to(?: \w+)?|neglected to|forgot to|forgot",
     _("Say what was missing: a check, an alert, a step in the runbook that did not show it.")),
    (r"human error|operator error|user error|pilot error|(?:his|her|their) (?:fault|mistake)"
     r"|careless(?:ly|ness)?|negligen(?:t|ce|tly)",
     _("Begin where this ends: what made it easy to do, and hard to notice?")),
    (r"why did(?:n'?t| not)(?: \w+)?|why (?:has|have|had)(?:n'?t| not)",
     _("Ask “how”: how did it look from where they stood, and what made that the sensible thing to do?")),
    (r"root cause|the real cause|single cause",
     _("Name factors: there is more than one, and each can be worked on.")),
    (r"obviously|clearly|simply|just had to|of course|common sense",
     _("It was not clear then: say what could be seen at that time.")),
    (r"(?:is|was|are|were) to blame|blame[ds]?|at fault|who is responsible",
     _("Say what the system allowed, instead of who.")),
    (r"did not follow|didn'?t follow|violated (?:the )?(?:process|procedure|policy)|ignored(?: \w+)?",
     _("Say what made the other way work on most days, and why the described one did not fit.")),
)  # fmt: skip


@cache
def _patterns() -> Sequence[tuple[re.Pattern[str], object]]:
    return [(re.compile(rf"(?<![\w'])(?:{words})(?![\w'])", re.IGNORECASE), offer) for words, offer in _PHRASES]


def turns(text: str, names: Iterable[str] = ()) -> list[Turn]:
    """What could be said otherwise, in the order in which it stands there; each wording once. Raises nothing."""
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    found: dict[str, tuple[int, Turn]] = {}
    for at, turn in [*_phrases_in(text), *_subjects_in(text, names)]:
        found.setdefault(turn.found.casefold(), (at, turn))
    return [turn for _at, turn in sorted(found.values(), key=lambda one: one[0])][:MOST_TURNS]


def _phrases_in(text: str) -> Iterator[tuple[int, Turn]]:
    for pattern, offer in _patterns():
        for match in pattern.finditer(text):
            yield match.start(), Turn(match[0], str(offer))


def _subjects_in(text: str, names: Iterable[str]) -> Iterator[tuple[int, Turn]]:
    """Names as the subject of a clause: a verb, or what looks like one, comes after."""
    known = sorted({name.strip() for name in names if len(name.strip()) > 2}, key=len, reverse=True)[:_MOST_NAMES]
    if not known:
        return
    either = "|".join(map(re.escape, known))
    pattern = re.compile(rf"(?<!\w)(?:{either})(?!\w)(?=\s+[^\W\d_]{{2,}})", re.IGNORECASE)
    said = gettext("Say what was done or shown, not by whom: a role, a dashboard, a script.")
    for match in pattern.finditer(text):
        yield match.start(), Turn(match[0], said)
