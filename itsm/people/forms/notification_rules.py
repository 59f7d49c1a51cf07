"""Shape of the page on which administrators say how news come by default."""

from collections.abc import Iterable
from typing import Any

from django import forms

from itsm.forms import Form
from itsm.notifications.models import RuleDefault, Wish
from itsm.notifications.rules import RELATION_WORDS, RELATIONS, WHY
from itsm.people.operations.notification_rules import Said


class NotificationRulesForm(Form):
    """A choice for each rule that is no duty, named by its id, with the version that was read beside it."""

    def __init__(self, *args: Any, rules: Iterable[RuleDefault], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = list(rules)
        for one in (one for one in self.rules if not one.rule.duty):
            self.fields[f"how_{one.pk}"] = forms.ChoiceField(
                label=f"{one.rule.words}: {RELATION_WORDS[one.relation]}",
                choices=Wish.How.choices,
                initial=one.effective,
            )
            self.fields[f"version_{one.pk}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=one.version, min_value=1, max_value=2**31 - 1
            )

    def said(self) -> list[Said]:
        """What was chosen, by rule."""
        chosen = self.cleaned_data
        return [
            Said(one, chosen[f"how_{one.pk}"], chosen[f"version_{one.pk}"]) for one in self.rules if not one.rule.duty
        ]

    def renew(self, rules: Iterable[RuleDefault]) -> None:
        """After a stale version: the newest ones, so that sending it again means it; what was chosen is kept."""
        newest = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        for one in rules:
            newest[f"version_{one.pk}"] = str(one.version)
        self.data = newest

    def columns(self) -> list[tuple[Any, Any]]:
        """The relations that some rule names: words, and the sentence that stands under such a mail."""
        return [(RELATION_WORDS[one], WHY[one]) for one in self._relations()]

    def rows(self) -> list[tuple[Any, list[dict[str, Any]]]]:
        """Each event in words with a cell for each column: `who`; where something is told `rule`, and `box`."""
        by_event: dict[str, dict[str, RuleDefault]] = {}
        for one in self.rules:
            by_event.setdefault(one.event, {})[one.relation] = one
        return [
            (
                next(iter(told.values())).rule.words,
                [self._cell(one, told.get(one)) for one in self._relations()],
            )
            for told in by_event.values()
        ]

    def _cell(self, relation: str, one: RuleDefault | None) -> dict[str, Any]:
        cell: dict[str, Any] = {"who": RELATION_WORDS[relation], "rule": one}
        if one is not None and not one.rule.duty:
            cell |= {"box": self[f"how_{one.pk}"], "version": self[f"version_{one.pk}"]}
            cell["product"] = Wish.How(one.rule.default).label if one.effective != one.rule.default else ""
        return cell

    def _relations(self) -> list[str]:
        there = {one.relation for one in self.rules}
        return [one for one in RELATIONS if one in there]
