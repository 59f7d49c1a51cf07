"""Which news reach whom by themselves, and how: rules of the apps, as data. What a person wishes stands in `wishes`.

The bell always rings. Over the other channels news come at once, collected hourly or daily, or not at all.

Apps register their rules in `AppConfig.ready()`. A rule that is a `duty` cannot be wished away.
"""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

How = Literal["now", "hourly", "daily", "off"]
HOWS: tuple[How, ...] = ("now", "hourly", "daily", "off")  # the most eager first
WISHES = "/profile/notifications/"  # where people say what reaches them
CHANNELS = ("mail", "push")  # beside the bell, which always rings
CLASSES = ("mine", "team", "watching", "approvals", "paging")
RELATIONS = ("caller", "assignee", "approver", "self", "team", "lead", "owner", "watcher")
RELATION_WORDS: dict[str, Any] = {
    "caller": _("I asked for it"),
    "assignee": _("I work on it"),
    "team": _("It lies with my team"),
    "lead": _("I lead the team"),
    "watcher": _("I watch it"),
    "approver": _("I am asked to decide"),
    "owner": _("I answer for it"),
    "self": _("It is about me"),
}
WHY: dict[str, Any] = {
    "caller": _("You get this because it was opened by you or for you."),
    "assignee": _("You get this because you work on it."),
    "team": _("You get this because it lies with a team of yours."),
    "lead": _("You get this because you lead its team."),
    "watcher": _("You get this because you watch it."),
    "approver": _("You get this because you are asked to decide, or sit where it is decided."),
    "owner": _("You get this because you answer for it."),
    "self": _("You get this because it is about you or your account."),
}
UNRULED = _("You get this because somebody has to know it; it belongs to no kind of news that can be switched off.")
_told_as: dict[str, Any] = {}  # of events that no rule names
_OF_RELATION = {
    "caller": "mine", "assignee": "mine", "self": "mine", "team": "team", "lead": "team", "owner": "team",
    "watcher": "watching", "approver": "approvals",
}  # fmt: skip
_PUSHED = frozenset({"mine", "approvals", "paging"})  # what a device shows by itself, where it comes at once by mail


@dataclass(frozen=True, slots=True)
class Rule:
    """Whoever stands in this relation to a record hears of this event over this channel, by default so.

    `event` is `kind.past_tense`; `words` name it on the page. `default`: how its mail comes. A `duty` is mailed at once
    whatever anybody wishes. `pages`: it calls people to what burns, and stands with the class paging.
    """

    event: str
    words: Any
    relation: str
    default: How = "now"
    duty: bool = False
    pages: bool = False

    @property
    def news(self) -> str:
        """Its class, one of CLASSES, by which people wish for many rules at once."""
        return "paging" if self.pages else _OF_RELATION[self.relation]

    def default_over(self, channel: str) -> How:
        """How it comes to who wishes nothing, over a channel of CHANNELS."""
        if channel == "mail":
            return self.default
        return "now" if self.default == "now" and self.news in _PUSHED else "off"


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


def says_why(event: str, sentence: Any) -> None:
    """Say why its reader gets news of an event that no rule names. Called once per event, at start."""
    _told_as[event] = sentence


def why(event: str, relation: str) -> str:
    """Why somebody was told this, as a sentence to them."""
    return str(_told_as.get(event) or WHY.get(relation, UNRULED))


def line_of(event: str, relation: str) -> str:
    """The name of a rule's line on the page of wishes."""
    return f"{event}-{relation}"
