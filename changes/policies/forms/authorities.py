"""An authority of a policy as its keepers type it. More steps than fit here are written as YAML."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from changes.gate.limits import MOST, MOST_APPROVERS
from changes.policies.vocabulary import ASKED_FIRST
from itsm.forms import Form

STEPS, PARTS = 3, 2
_RULES = [("all", _("all of them")), ("any", _("any of them"))]


class AuthorityForm(Form):
    """What the authority is called, and up to three steps of two parts that approve before it is asked."""

    role = forms.CharField(label=_("What they are called"), max_length=60)
    quorum = forms.IntegerField(label=_("How many approve"), min_value=1, max_value=MOST_APPROVERS)
    due_minutes = forms.IntegerField(
        label=_("Within how many minutes"), min_value=1, max_value=MOST["minutes"],
        help_text=_("Each step has as long. Silence approves nothing."),
    )  # fmt: skip
    substitute = forms.CharField(label=_("Who stands in on duty"), max_length=60, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whom: list[tuple[str, Any]] = [("", "\N{EN DASH}"), *((one.value, label) for one, label in ASKED_FIRST.items())]
        for step in range(STEPS):
            self.fields[f"step_{step}_rule"] = forms.ChoiceField(
                label=_("It is met when these agree"), choices=_RULES, required=False
            )
            for part in range(PARTS):
                name = f"step_{step}_{part}"
                self.fields[f"{name}_who"] = forms.ChoiceField(label=_("Who"), choices=whom, required=False)
                self.fields[f"{name}_value"] = forms.CharField(
                    label=_("Which team, role or person"), max_length=150, required=False
                )
                self.fields[f"{name}_quorum"] = forms.CharField(
                    label=_("How many"), max_length=5, required=False,
                    widget=forms.TextInput(attrs={"placeholder": "any"}),
                )  # fmt: skip

    @property
    def plain(self) -> list[Any]:
        """The fields of the authority itself."""
        return [self[name] for name in ("role", "quorum", "due_minutes", "substitute")]

    @property
    def steps(self) -> list[tuple[Any, list[list[Any]]]]:
        """Each step as the page draws it: its rule, and of each part the three fields."""
        return [
            (
                self[f"step_{step}_rule"],
                [[self[f"step_{step}_{part}_{name}"] for name in ("who", "value", "quorum")] for part in range(PARTS)],
            )
            for step in range(STEPS)
        ]

    def said(self) -> dict[str, Any]:
        """The authority as a policy keeps it; no `before` where no step is filled in."""
        given = self.cleaned_data
        told = {name: given[name] for name in ("role", "quorum", "due_minutes", "substitute")}
        steps = [one for step in range(STEPS) if (one := self._step(step)) is not None]
        return told | ({"before": steps} if steps else {})

    def _step(self, step: int) -> dict[str, Any] | None:
        given, parts = self.cleaned_data, []
        for part in range(PARTS):
            who, value, quorum = (given[f"step_{step}_{part}_{name}"] for name in ("who", "value", "quorum"))
            if who:
                parts.append({"who": who, "value": value.strip(), "quorum": quorum.replace(" ", "") or "any"})
        return {"parts": parts, "rule": given[f"step_{step}_rule"] or "all"} if parts else None


def fits_the_form(rule: Mapping[str, Any]) -> bool:
    """Whether nothing of this authority would be lost by its form."""
    before = rule.get("before") or ()
    return len(before) <= STEPS and all(len(step["parts"]) <= PARTS for step in before)


def as_typed(rule: Mapping[str, Any]) -> dict[str, Any]:
    """An authority of a policy as its form holds it."""
    typed = {name: rule[name] for name in ("role", "quorum", "due_minutes", "substitute")}
    for step, one in enumerate((rule.get("before") or ())[:STEPS]):
        typed[f"step_{step}_rule"] = one["rule"]
        for at, part in enumerate(one["parts"][:PARTS]):
            typed |= {f"step_{step}_{at}_{name}": part[name] for name in ("who", "value", "quorum")}
    return typed
