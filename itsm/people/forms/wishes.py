"""Shapes of what people say about how news reach them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from itsm.notifications.models import Rhythm, Wish
from itsm.notifications.rules import RELATION_WORDS, RELATIONS, WHY
from itsm.notifications.wishes import Standing


class WishesForm(Form):
    """A choice for each rule that is no duty; its name is `event/relation`."""

    def __init__(self, *args: Any, standing: Sequence[Standing], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing = standing
        for one in standing:
            if not one.rule.duty:
                self.fields[_name(one)] = forms.ChoiceField(
                    label=f"{one.rule.words}: {RELATION_WORDS[one.rule.relation]}",
                    choices=Wish.How.choices,
                    initial=one.how,
                )

    def wished(self) -> dict[tuple[str, str], str]:
        """What was chosen, by event and relation."""
        chosen = [(one, self.cleaned_data[_name(one)]) for one in self.standing if not one.rule.duty]
        return {(one.rule.event, one.rule.relation): how for one, how in chosen}

    def columns(self) -> list[tuple[Any, Any]]:
        """The relations that some rule names: words, and the sentence that stands under such a mail."""
        return [(RELATION_WORDS[one], WHY[one]) for one in self._relations()]

    def rows(self) -> list[tuple[Any, list[tuple[Any, Any, bool]]]]:
        """Each event with a cell for each column: words, its box, or whether it is a duty; neither: nothing is told."""
        by_event: dict[str, dict[str, Standing]] = {}
        for one in self.standing:
            by_event.setdefault(one.rule.event, {})[one.rule.relation] = one
        return [
            (
                next(iter(rules.values())).rule.words,
                [self._cell(relation, rules.get(relation)) for relation in self._relations()],
            )
            for rules in by_event.values()
        ]

    def _cell(self, relation: str, one: Standing | None) -> tuple[Any, Any, bool]:
        words = RELATION_WORDS[relation]
        if one is None or one.rule.duty:
            return words, None, one is not None
        return words, self[_name(one)], False

    def _relations(self) -> list[str]:
        there = {one.rule.relation for one in self.standing}
        return [one for one in RELATIONS if one in there]


def _name(one: Standing) -> str:
    return f"{one.rule.event}/{one.rule.relation}"


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )  # fmt: skip


class RhythmForm(Form):
    quiet_from = _time(_("Quiet from"))
    quiet_until = _time(_("until"))
    digest = forms.ChoiceField(label=_("What is collected comes"), choices=Rhythm.Digest.choices)

    def __init__(self, *args: Any, instance_of: Rhythm, **kwargs: Any) -> None:
        kept = {name: getattr(instance_of, name) for name in ("quiet_from", "quiet_until", "digest")}
        super().__init__(*args, **{**kwargs, "initial": kept})
