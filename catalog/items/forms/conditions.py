"""A condition as rows: a question, how it is compared, with what. Groups within groups are written over REST."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.fields.form.conditions import OPS, OPS_OF, WITH_MANY, WITHOUT_VALUE
from itsm.fields.kinds import from_text
from itsm.forms import Form

ROWS = 6
OP_WORDS: dict[str, Any] = {
    "is": lazy("is"), "is_not": lazy("is not"), "one_of": lazy("is one of"), "none_of": lazy("is none of"),
    "contains": lazy("contains"), "lt": lazy("is below"), "le": lazy("is at most"), "gt": lazy("is above"),
    "ge": lazy("is at least"), "empty": lazy("is empty"), "filled": lazy("is answered"),
}  # fmt: skip


class ConditionForm(Form):
    """A form with a condition in it. `questions`: those at which it may look, as the document has them; `stands`: the
    condition that stands, as the document has it."""

    def __init__(
        self, *args: Any, questions: Sequence[Mapping[str, Any]] = (), stands: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.questions, self.stands = {one["key"]: one for one in questions}, stands
        self.nested = stands is not None and not is_plain(stands)
        if not self.questions:
            return
        self.fields["when_rule"] = forms.ChoiceField(
            label=lazy("Where there are several"), required=False,
            choices=[("all", lazy("all of them hold")), ("any", lazy("any of them holds"))],
        )  # fmt: skip
        self.fields["when_rule"].unmarked = True  # type: ignore[attr-defined]
        if self.nested:
            self.fields["when_anew"] = forms.BooleanField(
                label=lazy("Write the condition anew: groups within groups are written over REST"), required=False
            )
        rows = [] if stands is None or self.nested else next(iter(stands.values()))
        if stands is not None:
            self.initial.setdefault("when_rule", next(iter(stands)))
        for at in range(ROWS):
            self._add_row(at, rows[at] if at < len(rows) else None)

    def _add_row(self, at: int, leaf: Mapping[str, Any] | None) -> None:
        asked = [("", "\N{EN DASH}"), *((key, one["label"]) for key, one in self.questions.items())]
        self.fields[f"when_{at}_field"] = forms.ChoiceField(label=lazy("Question"), required=False, choices=asked)
        self.fields[f"when_{at}_op"] = forms.ChoiceField(
            label=lazy("is compared"), required=False, choices=[(op, OP_WORDS[op]) for op in OPS]
        )
        self.fields[f"when_{at}_value"] = forms.CharField(label=lazy("with"), required=False, max_length=500)
        if leaf is not None:
            self.initial.setdefault(f"when_{at}_field", leaf["field"])
            self.initial.setdefault(f"when_{at}_op", leaf["op"])
            self.initial.setdefault(f"when_{at}_value", self._typed(leaf))

    def _typed(self, leaf: Mapping[str, Any]) -> str:
        value = leaf.get("value")
        values = value if isinstance(value, list) else [value]
        shown = [("yes" if one else "no") if isinstance(one, bool) else str(one) for one in values if one is not None]
        return "; ".join(shown)

    @property
    def rows(self) -> list[tuple[Any, Any, Any]]:
        """The rows as the page draws them; none where there is no earlier question."""
        if not self.questions:
            return []
        return [tuple(self[f"when_{at}_{name}"] for name in ("field", "op", "value")) for at in range(ROWS)]  # type: ignore[misc]

    @property
    def other_fields(self) -> list[Any]:
        """What is no part of the condition."""
        return [one for one in self if not one.name.startswith("when_") and not one.is_hidden]

    @property
    def known(self) -> dict[str, Any]:
        """Of each question what may be asked of it: for js/condition-rows.js."""
        return {key: {"ops": list(OPS_OF[one["type"]]), "values": _values(one)} for key, one in self.questions.items()}

    def condition(self) -> dict[str, Any] | None:
        """What was typed, as a document has it; None for none."""
        if not self.questions or (self.nested and not self.cleaned_data.get("when_anew")):
            return dict(self.stands) if self.questions and self.stands is not None else None
        leaves = [leaf for at in range(ROWS) if (leaf := self._leaf(at)) is not None]
        return {self.cleaned_data.get("when_rule") or "all": leaves} if leaves else None

    def _leaf(self, at: int) -> dict[str, Any] | None:
        key, op, text = (self.cleaned_data.get(f"when_{at}_{name}", "") for name in ("field", "op", "value"))
        if not key:
            return None
        leaf = {"field": key, "op": op or "is"}
        if op in WITHOUT_VALUE:
            return leaf
        asked = self.questions[key]
        if op in WITH_MANY:
            return {**leaf, "value": [_value(asked, one) for one in text.replace(",", ";").split(";") if one.strip()]}
        return {**leaf, "value": _value(asked, text)}


def is_plain(condition: Mapping[str, Any]) -> bool:
    """Whether it is one group of comparisons, no more than there are rows."""
    parts = next(iter(condition.values()))
    return len(parts) <= ROWS and all("field" in one for one in parts)


def _values(question: Mapping[str, Any]) -> list[tuple[str, str]]:
    if question["type"] == "yes_no":
        return [("yes", _("yes")), ("no", _("no"))]
    return [(one["key"], one["label"]) for one in question["options"]]


def _value(question: Mapping[str, Any], text: str) -> Any:
    """What was typed as JSON would have it: options by key or by label."""
    text = text.strip()
    for option in question["options"]:
        if text.lower() in (option["key"], option["label"].lower()):
            return option["key"]
    if question["type"] == "choices":
        return text
    return from_text(question["type"], text)


def in_words(condition: Mapping[str, Any] | None, labels: Mapping[str, Mapping[str, Any]]) -> str:
    """A condition for people: "Environment is Production and Port is above 1024"; "" for none."""
    if not condition:
        return ""
    ((rule, parts),) = condition.items()
    joined = _(" and ") if rule == "all" else _(" or ")
    said = [_leaf_in_words(part, labels) if "field" in part else f"({in_words(part, labels)})" for part in parts]
    return joined.join(said)


def _leaf_in_words(leaf: Mapping[str, Any], labels: Mapping[str, Mapping[str, Any]]) -> str:
    question = labels.get(leaf["field"], {"label": leaf["field"], "options": []})
    known = {one["key"]: one["label"] for one in question["options"]}
    value = leaf.get("value")
    values = value if isinstance(value, list) else [] if value is None else [value]
    shown = [(_("yes") if one else _("no")) if isinstance(one, bool) else str(known.get(one, one)) for one in values]
    return " ".join([question["label"], str(OP_WORDS[leaf["op"]]), ", ".join(shown)]).strip()
