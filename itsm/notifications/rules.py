"""Which news reach whom by themselves, and how: rules of the apps, as data. What a person wishes stands in `wishes`.

Apps register their rules in `AppConfig.ready()`. A rule that is a `duty` cannot be wished away.
"""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

How = Literal["now", "digest", "off"]
HOWS: tuple[How, ...] = ("now", "digest", "off")
RELATIONS = ("caller", "assignee", "team", "lead", "watcher")
RELATION_WORDS: dict[str, Any] = {
    "caller": _("I asked for it"),
    "assignee": _("I work on it"),
    "team": _("It lies with my team"),
    "lead": _("I lead the team"),
    "watcher": _("I watch it"),
}
WHY: dict[str, Any] = {
    "caller": _("You get this because it was opened by you or for you."),
    "assignee": _("You get this because you work on it."),
    "team": _("You get this because it lies with a team of yours."),
    "lead": _("You get this because you lead its team."),
    "watcher": _("You get this because you watch it."),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Whoever stands in this relation to a record hears of this event over this channel, by default so.

    `event` is `kind.past_tense`; `words` name it on the page. The bell rings with every channel.
    """

    event: str
    words: Any
    relation: str
    default: How = "now"
    channel: str = "mail"
    duty: bool = False


_rules: dict[tuple[str, str], Rule] = {}


def register(*rules: Rule) -> None:
    """Add rules. Called once per app, at start."""
    _rules.update({(rule.event, rule.relation): rule for rule in rules})


def rule_of(event: str, relation: str) -> Rule | None:
    """None where nothing is told of this event to people in this relation."""
    return _rules.get((event, relation))


def all_rules() -> list[Rule]:
    """In the order in which they were registered."""
    return list(_rules.values())
