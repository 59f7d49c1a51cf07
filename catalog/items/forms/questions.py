"""A section and a question as their writers type them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalog.items.forms.conditions import ConditionForm
from catalog.items.vocabulary import decimals
from itsm.fields import rules
from itsm.fields.editor import RULE, rule_input, rules_said
from itsm.fields.form import document as d
from itsm.fields.kinds import from_text
from itsm.fields.vocabulary import ASKED_BY, FILE, REFERENCES, TIMES, WITH_OPTIONS
from itsm.forms import Form
from itsm.slugs import slug_of

_FROM: dict[str, Any] = {
    "name": lazy("their name"), "email": lazy("their mail address"), "team": lazy("their team"),
    "location": lazy("their location"), "manager": lazy("their manager"),
}  # fmt: skip
_FILLS = {"text": ("name", "email", "location"), "team": ("team",), "person": ("manager",)}
_AUDIENCES: list[tuple[str, Any]] = [
    (d.PUBLIC, lazy("whoever sees the request")),
    (d.CONFIDENTIAL, lazy("who asked, who approves and who fulfils")),
    (d.STAFF, lazy("who works here; nobody else is asked it")),
]


class SectionForm(ConditionForm):
    title = forms.CharField(label=lazy("Title"), max_length=d.MAX_TITLE)
    help = forms.CharField(
        label=lazy("Help"), max_length=d.MAX_HELP, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def said(self) -> dict[str, Any]:
        """As the document has it."""
        return {
            "title": self.cleaned_data["title"], "help": self.cleaned_data["help"], "show_when": self.condition()
        }  # fmt: skip


class QuestionForm(ConditionForm):
    """A question of a type that is chosen already."""

    label = forms.CharField(label=lazy("Question"), max_length=d.MAX_LABEL)
    help = forms.CharField(
        label=lazy("Help"), max_length=d.MAX_HELP, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    required = forms.BooleanField(label=lazy("It must be answered, where it is shown"), required=False)
    options = forms.CharField(
        label=lazy("Options"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=lazy("One a line: a label, or key = label. What it costs more stands behind a bar: Dock | 80.00"),
    )  # fmt: skip
    default = forms.CharField(
        label=lazy("Filled in beforehand with"), required=False, max_length=10_000,
        help_text=lazy("What stands there before anybody types."),
    )  # fmt: skip
    from_person = forms.ChoiceField(
        label=lazy("Filled in with what is known of the person"), required=False,
        help_text=lazy("Of whom it is asked for; it goes before what is filled in above."),
    )  # fmt: skip
    audience = forms.ChoiceField(label=lazy("Who reads the answer"), choices=_AUDIENCES)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, type_: str, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type, self.currency = type_, currency
        if type_ in WITH_OPTIONS:
            self.fields["default"].help_text = lazy("The key of the option that is chosen before anybody chooses.")
        else:
            del self.fields["options"]
        if type_ in REFERENCES | TIMES | {FILE}:
            del self.fields["default"]
        known = _FILLS.get(type_, ())
        if known:
            choice: Any = self.fields["from_person"]
            choice.choices = [("", "\N{EN DASH}"), *((name, _FROM[name]) for name in known)]
        else:
            del self.fields["from_person"]
        for name in rules.known(type_):
            self.fields[RULE + name] = rule_input(name, type_)

    def clean_options(self) -> list[dict[str, Any]]:
        """The lines as {key, label, surcharge}."""
        stood = {one["label"]: one["key"] for one in self.initial.get("stood", ())}
        found = []
        for line in self.cleaned_data["options"].splitlines():
            words, _bar, price = line.partition("|")
            key, has_key, label = (part.strip() for part in words.partition("="))
            if not line.strip():
                continue
            label = label if has_key else key
            key = key if has_key else stood.get(label) or key_of(label)
            found.append({"key": key, "label": label, "surcharge": minor(price, self.currency)})
        return found

    def said(self) -> dict[str, Any]:
        """As the document has it."""
        given = self.cleaned_data
        typed = given.get("default", "").strip()
        return {
            "label": given["label"], "help": given["help"], "required": given["required"],
            "options": given.get("options", []), "rules": rules_said(given), "audience": given["audience"],
            "default": from_text(self.type, typed) if typed else None,
            "from_person": given.get("from_person", ""), "show_when": self.condition(),
        }  # fmt: skip


class NewQuestionForm(Form):
    """What a question begins with: its words and its type, in a section."""

    label = forms.CharField(label=lazy("Question"), max_length=d.MAX_LABEL)
    type = forms.ChoiceField(label=lazy("Answered by"), choices=ASKED_BY)
    section = forms.CharField(max_length=40, widget=forms.HiddenInput)


def as_typed(question: Mapping[str, Any], currency: str, version: int) -> dict[str, Any]:
    """A question of a document as its form holds it."""
    plain = {name: question[name] for name in ("label", "help", "required", "from_person", "audience")}
    rules_ = {
        RULE + name: " ".join(rule) if isinstance(rule, list) else rule for name, rule in question["rules"].items()
    }
    return {
        **plain, **rules_, "version": version, "stood": question["options"],
        "options": "\n".join(_line(one, currency) for one in question["options"]),
        "default": _default(question["default"]),
    }  # fmt: skip


def _line(option: Mapping[str, Any], currency: str) -> str:
    line = f"{option['key']} = {option['label']}"
    return f"{line} | {major(option['surcharge'], currency)}" if option["surcharge"] else line


def _default(kept: Any) -> str:
    if kept is None:
        return ""
    if isinstance(kept, bool):
        return "yes" if kept else "no"
    return "; ".join(kept) if isinstance(kept, list) else str(kept)


def major(amount: int, currency: str) -> str:
    """Minor units as people type them: 1250 -> 12.50."""
    return f"{Decimal(amount).scaleb(-decimals(currency)):.{decimals(currency)}f}"


def minor(text: str, currency: str) -> int:
    """12.50 -> 1250. Raises ValidationError."""
    text = text.strip().replace(",", ".")
    try:
        amount = Decimal(text or "0").scaleb(decimals(currency))
        whole = int(amount)
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise ValidationError(_("%(text)s is no price.") % {"text": text[:20]}) from error
    if whole != amount or not 0 <= whole <= 10**11:
        raise ValidationError(_("%(text)s is no price.") % {"text": text[:20]})
    return whole


def key_of(label: str, taken: Sequence[str] = ()) -> str:
    """A key for a label; with a number where it is taken."""
    wanted = slug_of(label).replace("-", "_").lstrip("0123456789_")[:36].rstrip("_") or "q"
    return next(one for n in range(1, len(taken) + 2) if (one := wanted if n == 1 else f"{wanted}_{n}") not in taken)
