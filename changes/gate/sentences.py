"""Codes into sentences: what a person reads of reasons, what would help, conditions and refusals.

Promise: every code that the gate can speak has a sentence (tests compare the tables with the sources); the numbers in
it come from the stored values, so an old decision reads the same for ever. `translate` turns a msgid into the
reader's language (gettext on pages); the default leaves English. Placeholders are named, `%` is written with a space
before it.
"""

from collections.abc import Callable
from datetime import datetime

from changes.gate.decisive import News
from changes.gate.evidence import CONFIDENTIAL
from changes.gate.measures import percent
from changes.gate.sentence_texts import (
    BESIDE_OTHERS,
    CONDITIONS,
    DECIDES_LATER,
    HIDDEN_INCIDENT,
    HOLDERS,
    JOINED,
    MISSING_DATA,
    MONTHS,
    NAMES,
    NEWS,
    NOT_YET_BACK,
    REASONS,
    STALE_MEASUREMENT,
    STANDINGS,
    WORDS,
    WOULD_HELP,
)
from changes.gate.verdict import Condition, Help, HelpStep, Reason, Values

Translate = Callable[[str], str]
NAMED = frozenset({"missing", "group", "field", "purpose"})
SPOKEN = frozenset({"because", "kind"})  # values that are our own codes, not the words of somebody
INSTANTS = frozenset({"at", "ends_at", "due_at", "review_on", "soonest"})
STATES = frozenset({"before", "now", "state"})
# Above the limit again, but not by enough or not for long enough: hysteresis holds the level down.
HELD_DOWN = frozenset({"budget_constrained", "budget_exhausted"})
RATIOS = frozenset({"observed", "limit", "margin", "more"})
# Codes whose observed value is a count, not a ratio.
COUNTS = frozenset({"one_at_a_time", "tests_failed", "scan_findings", "budget_not_yet_measured"})


def _same(msgid: str) -> str:
    return msgid


def reason_sentence(reason: Reason, translate: Translate = _same) -> str:
    """The sentence for a reason; a code without a text is said as it is."""
    values = {**reason.values, "observed": reason.observed, "limit": reason.limit, "margin": reason.margin}
    return _filled(_reason_template(reason), values, translate, as_ratio=reason.code not in COUNTS)


def help_sentence(help: Help, translate: Translate = _same) -> str:
    """Without the outcome: "12.4 % more budget on checkout-availability"; several parts are joined."""
    steps = help.parts or (HelpStep(help.code, help.values),)
    said = [_filled(WOULD_HELP.get(step.code, step.code), step.values, translate) for step in steps]
    joined = said[0]
    for each in said[1:]:
        joined = translate(JOINED).format(first=joined, second=each)
    return joined


def news_sentence(news: News, translate: Translate = _same) -> str:
    """The sentence for a piece of news; a code without a text is said as it is."""
    return _filled(NEWS.get(news.code, news.code), news.values, translate)


def condition_sentence(condition: Condition, translate: Translate = _same) -> str:
    """The sentence for a condition; a code without a text is said as it is."""
    return _filled(CONDITIONS.get(condition.code.value, condition.code.value), condition.values, translate)


def holder_named(holder: str, translate: Translate = _same) -> str:
    """Who holds an allowance, as evidence names them ("agent:ada-bot"), in words; other words as they are."""
    kind, _, name = holder.partition(":")
    return translate(HOLDERS[kind]).format(name=name) if kind in HOLDERS and name else holder


def _reason_template(reason: Reason) -> str:
    if reason.code in HELD_DOWN and reason.margin and not reason.margin.startswith("-"):
        return NOT_YET_BACK
    if reason.code == "budget_not_yet_measured" and reason.values.get("gates_from"):
        return DECIDES_LATER
    if reason.code == "budget_not_yet_measured" and reason.outcome is None:
        return BESIDE_OTHERS
    if reason.code == "budget_no_data" and not reason.values.get("because"):
        return STALE_MEASUREMENT
    if reason.code == "budget_no_data" and not reason.values.get("objective"):
        return MISSING_DATA
    return REASONS.get(reason.code, reason.code)


def _filled(template: str, values: Values, translate: Translate, *, as_ratio: bool = True) -> str:
    """A value that the sentence names and the record lacks is shown as a dash, never an error."""
    shown = {name: _shown(name, value, translate, as_ratio) for name, value in values.items()}
    said = translate(template).format_map(_Dashes(shown))
    return " ".join(said.split()).replace(" .", ".")


def _shown(name: str, value: str, translate: Translate, as_ratio: bool) -> str:
    if name in RATIOS and as_ratio:
        return percent(value) if value else "-"
    if name == "incident" and value.startswith(CONFIDENTIAL):
        return translate(HIDDEN_INCIDENT)
    if name == "holder":
        return holder_named(value, translate)
    if name in INSTANTS:
        return _instant(value, translate)
    if name in NAMED and value in NAMES:
        return translate(NAMES[value])
    if name == "detail" and value.strip("()") in WORDS:
        return f"({translate(WORDS[value.strip('()')])})"
    if name in STATES and value in STANDINGS:
        return translate(STANDINGS[value])
    return translate(WORDS[value]) if name in SPOKEN and value in WORDS else value


def _instant(text: str, translate: Translate) -> str:
    """The stored instant (UTC) as people write it; other words as they are."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    day = f"{at.day} {translate(MONTHS[at.month - 1])} {at.year}"
    return f"{day}, {at:%H:%M} UTC" if at.tzinfo else day


class _Dashes(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "-"
