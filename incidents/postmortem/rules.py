"""Another turn of phrase for words that look for somebody to blame. It offers; it never blocks, and nothing counts it.

Pure: lists of phrases by language, and the names of people who were there. A phrase is found as words, in any case.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.utils.translation import get_language, gettext, override, pgettext_lazy
from django.utils.translation import gettext_lazy as _

MOST_TURNS = 20
_MOST_NAMES = 200


class Turn(NamedTuple):
    """`found`: the words as they stand there; `offer`: another way to say it."""

    found: str
    offer: str


# What is looked for, and what to try instead. The words are for translators too: each language has a list of its own,
# which is looked for beside the English one. Apart by |; at an end … takes the next word along, * any ending.
_PHRASES: tuple[tuple[Any, Any], ...] = (
    (pgettext_lazy("blaming words", "should have … | could have … | ought to have … | must have …"
                   " | should've | could've"),
     _("Say what happened, not what would have been better: what did people see at that moment?")),
    (pgettext_lazy("blaming words", "failed to … | fails to … | failing to … | fail to … | neglected to | forgot to"
                   " | forgot"),
     _("Say what was missing: a check, an alert, a step in the runbook that did not show it.")),
    (pgettext_lazy("blaming words", "human error | operator error | user error | pilot error | his fault | her fault"
                   " | their fault | his mistake | her mistake | their mistake | careless* | negligen*"),
     _("Begin where this ends: what made it easy to do, and hard to notice?")),
    (pgettext_lazy("blaming words", "why did not … | why didn't … | why didnt … | why has not … | why hasn't …"
                   " | why have not … | why haven't … | why had not … | why hadn't …"),
     _("Ask “how”: how did it look from where they stood, and what made that the sensible thing to do?")),
    (pgettext_lazy("blaming words", "root cause | the real cause | single cause"),
     _("Name factors: there is more than one, and each can be worked on.")),
    (pgettext_lazy("blaming words", "obviously | clearly | simply | just had to | of course | common sense"),
     _("It was not clear then: say what could be seen at that time.")),
    (pgettext_lazy("blaming words", "is to blame | was to blame | are to blame | were to blame | blame | blames"
                   " | blamed | at fault | who is responsible"),
     _("Say what the system allowed, instead of who.")),
    (pgettext_lazy("blaming words", "did not follow | didn't follow | violated the process | violated the procedure"
                   " | violated the policy | violated process | violated procedure | violated policy | ignored …"),
     _("Say what made the other way work on most days, and why the described one did not fit.")),
)  # fmt: skip


@cache
def _patterns(language: str) -> Sequence[tuple[re.Pattern[str], Any]]:
    """Of the language of who reads, and English: many write in that, whatever they read."""
    found = []
    for words, offer in _PHRASES:
        with override("en"):
            english = str(words)
        with override(language):
            theirs = str(words)
        found.append((_pattern(f"{english}|{theirs}"), offer))
    return found


def _pattern(words: str) -> re.Pattern[str]:
    """The longest first: it says most."""
    phrases = sorted({one.strip() for one in words.split("|") if one.strip()}, key=lambda one: (-len(one), one))
    either = "|".join(map(_phrase, phrases))
    return re.compile(rf"(?<![\w'])(?:{either})(?![\w'])", re.IGNORECASE)


def _phrase(words: str) -> str:
    takes_next, any_ending = words.endswith("…"), words.endswith("*")
    plain = r"\s+".join(map(re.escape, words.rstrip("…* ").split()))
    return plain + (r"(?:\s+\w+)?" if takes_next else "") + (r"\w*" if any_ending else "")


def turns(text: str, names: Iterable[str] = ()) -> list[Turn]:
    """What could be said otherwise, in the order in which it stands there; each wording once. Raises nothing."""
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    found: dict[str, tuple[int, Turn]] = {}
    for at, turn in [*_phrases_in(text), *_subjects_in(text, names)]:
        found.setdefault(turn.found.casefold(), (at, turn))
    return [turn for _at, turn in sorted(found.values(), key=lambda one: one[0])][:MOST_TURNS]


def _phrases_in(text: str) -> Iterator[tuple[int, Turn]]:
    for pattern, offer in _patterns(get_language() or "en"):
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
