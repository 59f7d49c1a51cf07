"""Shapes of what people say about how news reach them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.apps import apps
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from itsm.notifications import wishing
from itsm.notifications.models import Channel, NewsClass, Rhythm, Wish
from itsm.notifications.rules import CHANNELS, CLASSES, RELATION_WORDS, WHY, How, line_of
from itsm.notifications.wishes import Standing

CLASS_WORDS: dict[str, Any] = {
    "mine": _("What I asked for, and what I work on."),
    "team": _("What lies with my teams, and what I lead or answer for."),
    "watching": _("Records that I watch."),
    "approvals": _("What waits for my word, and the meetings that I sit in."),
    "paging": _("Alerts, escalations and error budgets that burn."),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Of one line and channel: its box, or None where it is a duty; `id` of the channel."""

    channel: str
    words: Any
    box: Any


@dataclass(frozen=True, slots=True)
class RuleLine:
    anchor: str
    kind: Any
    words: Any
    relation: Any
    why: Any
    cells: list[Cell]
    is_asked_for: bool


@dataclass(frozen=True, slots=True)
class ClassLine:
    news: str
    name: Any
    words: Any
    cells: list[Cell]
    rules: list[RuleLine]
    exceptions: int
    is_open: bool


class WishesForm(Form):
    """A box for each class and channel (`mine/mail`), and for each rule and channel (`incident.answered/caller/mail`).

    Nothing chosen is no wish. `line`: the rule that its reader came to see.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(
        self,
        *args: Any,
        standing: Sequence[Standing],
        of_classes: Mapping[tuple[str, str], How | None],
        version: int,
        line: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.standing, self.of_classes, self.line = standing, of_classes, line
        self.fields["version"].initial = version
        for (news, channel), how in of_classes.items():
            box = _choice(Channel(channel).label, self._usually(news, channel), how)
            box.widget.attrs["aria-label"] = f"{NewsClass(news).label}: {Channel(channel).label}"
            self.fields[f"{news}/{channel}"] = box
        for one in standing:
            if one.by != "duty":
                words = gettext("%(how)s (as above)") % {"how": Wish.How(one.otherwise).label}
                label = f"{one.rule.words}: {RELATION_WORDS[one.rule.relation]}, {Channel(one.channel).label}"
                self.fields[_name(one)] = _choice(label, words, one.wished)

    def _usually(self, news: str, channel: str) -> str:
        """What comes of this class where nothing is wished, in words."""
        hows = {one.usual for one in self.standing if (one.rule.news, one.channel) == (news, channel)}
        if len(hows) == 1:
            return gettext("%(how)s (usual)") % {"how": Wish.How(hows.pop()).label}
        return gettext("as below (usual)")

    def wished(self) -> dict[tuple[wishing.Line, str], str | None]:
        """What was chosen, by line and channel."""
        said = self.cleaned_data
        of_classes: dict[tuple[wishing.Line, str], str | None] = {
            (wishing.of_class(news), channel): said[f"{news}/{channel}"] or None for news, channel in self.of_classes
        }
        return of_classes | {
            (wishing.of_rule(one.rule.event, one.rule.relation), one.channel): said[_name(one)] or None
            for one in self.standing
            if one.by != "duty"
        }

    def renew(self, version: int) -> None:
        """After a stale version: the newest, so that sending it again means it; what was chosen is kept."""
        newest = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        newest["version"] = str(version)
        self.data = newest

    def lines(self) -> list[ClassLine]:
        """The classes in their order, each with its rules."""
        return [self._class_line(news) for news in CLASSES]

    def _class_line(self, news: str) -> ClassLine:
        standing = [one for one in self.standing if one.rule.news == news]
        by_rule: dict[str, list[Standing]] = {}
        for one in standing:
            by_rule.setdefault(line_of(one.rule.event, one.rule.relation), []).append(one)
        rules = [self._rule_line(anchor, said) for anchor, said in by_rule.items()]
        cells = [Cell(channel, Channel(channel).label, self[f"{news}/{channel}"]) for channel in CHANNELS]
        has_errors = any(self[_name(one)].errors for one in standing if one.by != "duty")
        exceptions = sum(one.wished is not None for one in standing)
        is_open = has_errors or self.line in by_rule
        return ClassLine(news, NewsClass(news).label, CLASS_WORDS[news], cells, rules, exceptions, is_open)

    def _rule_line(self, anchor: str, said: Sequence[Standing]) -> RuleLine:
        rule = said[0].rule
        cells = [
            Cell(one.channel, Channel(one.channel).label, None if one.by == "duty" else self[_name(one)])
            for one in said
        ]
        kind = _kinds().get(rule.event.partition(".")[0], "")
        told_as, why = RELATION_WORDS[rule.relation], WHY[rule.relation]
        return RuleLine(anchor, kind, rule.words, told_as, why, cells, anchor == self.line)


@cache
def _kinds() -> dict[str, Any]:
    """What records of each kind are called."""
    return {model.kind: model._meta.verbose_name for model in apps.get_models() if hasattr(model, "kind")}


def _choice(label: Any, nothing: Any, how: str | None) -> forms.ChoiceField:
    box = forms.ChoiceField(
        label=label, required=False, choices=[("", nothing), *Wish.How.choices], initial=how or ""
    )  # fmt: skip
    box.unmarked = True  # type: ignore[attr-defined]  # nothing chosen is a choice
    return box


def _name(one: Standing) -> str:
    return f"{one.rule.event}/{one.rule.relation}/{one.channel}"


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )  # fmt: skip


class RhythmForm(Form):
    quiet_from = _time(_("Quiet from"))
    quiet_until = _time(_("until"))

    def __init__(self, *args: Any, instance_of: Rhythm, **kwargs: Any) -> None:
        kept = {name: getattr(instance_of, name) for name in ("quiet_from", "quiet_until")}
        super().__init__(*args, **{**kwargs, "initial": kept})
