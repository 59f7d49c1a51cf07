"""A step of an approval and a task of a fulfilment as their writers type them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalog.items.forms.conditions import ConditionForm
from catalog.items.vocabulary import TaskKind, Who
from itsm.accounts.models import Role, Team

PARTS = 4
_RULES: list[tuple[str, Any]] = [("all", lazy("all of them")), ("any", lazy("any of them"))]


class StepForm(ConditionForm):
    """Who is asked in one step: up to four parts, each of who and how many."""

    rule = forms.ChoiceField(label=lazy("It is met when those asked agree"), choices=_RULES)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        naming = [(key, one["label"]) for key, one in self.questions.items() if one["type"] in ("person", "team")]
        offered: list[Any] = [("", "\N{EN DASH}"), *_whom()]
        offered += [(f"question:{key}", _("whom they name: %(label)s") % {"label": label}) for key, label in naming]
        for at in range(PARTS):
            self.fields[f"part_{at}_who"] = forms.ChoiceField(label=lazy("Who"), required=False, choices=offered)
            self.fields[f"part_{at}_person"] = forms.CharField(
                label=lazy("or a person (username)"), required=False, max_length=150
            )
            self.fields[f"part_{at}_quorum"] = forms.CharField(
                label=lazy("How many"), required=False, max_length=5,
                widget=forms.TextInput(attrs={"placeholder": "any", "list": "quorums"}),
            )  # fmt: skip

    @property
    def parts(self) -> list[tuple[Any, Any, Any]]:
        """The parts as the page draws them."""
        return [tuple(self[f"part_{at}_{name}"] for name in ("who", "person", "quorum")) for at in range(PARTS)]  # type: ignore[misc]

    def said(self) -> dict[str, Any]:
        """As the document has it."""
        parts = [one for at in range(PARTS) if (one := self._part(at)) is not None]
        return {"rule": self.cleaned_data["rule"], "parts": parts, "when": self.condition()}

    def _part(self, at: int) -> dict[str, str] | None:
        who, person, quorum = (self.cleaned_data.get(f"part_{at}_{name}", "") for name in ("who", "person", "quorum"))
        if not who and not person:
            return None
        kind, _colon, value = ("person", "", person.strip()) if person else who.partition(":")
        return {"who": kind, "value": value, "quorum": quorum.strip() or "any"}


def _whom() -> list[tuple[str, Any]]:
    teams = Team.objects.standing().order_by("name").values_list("slug", "name")
    return [
        (Who.MANAGER.value, Who.MANAGER.label),
        (Who.SERVICE_OWNER.value, Who.SERVICE_OWNER.label),
        *((f"team:{slug}", _("team %(name)s") % {"name": name}) for slug, name in teams),
        *((f"role:{role.value}", _("everybody with the role %(name)s") % {"name": role.label}) for role in Role),
    ]


def step_as_typed(step: Mapping[str, Any], version: int) -> dict[str, Any]:
    """A step of a document as its form holds it."""
    begun: dict[str, Any] = {"rule": step["rule"], "version": version}
    for at, one in enumerate(step["parts"][:PARTS]):
        named = f"{one['who']}:{one['value']}" if one["value"] else one["who"]
        is_person = one["who"] == Who.PERSON
        begun |= {
            f"part_{at}_who": "" if is_person else named, f"part_{at}_person": one["value"] if is_person else "",
            f"part_{at}_quorum": one["quorum"],
        }  # fmt: skip
    return begun


class TaskForm(ConditionForm):
    """A task: what is done, by whom, after what."""

    title = forms.CharField(
        label=lazy("What is done"), max_length=200, help_text=lazy("{{key}} stands for the answer to that question.")
    )
    kind = forms.ChoiceField(label=lazy("As"), choices=TaskKind.choices)
    change_model = forms.ChoiceField(
        label=lazy("Model of the standard change"), required=False,
        help_text=lazy("The change is opened by itself, and the gate decides when it goes."),
    )  # fmt: skip
    team = forms.ChoiceField(label=lazy("By the team"), required=False)
    after = forms.MultipleChoiceField(
        label=lazy("It begins when these are over"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=lazy("Tasks that wait for nothing begin side by side."),
    )  # fmt: skip
    mandatory = forms.BooleanField(label=lazy("The request is complete only where it was done"), required=False)
    description = forms.CharField(
        label=lazy("Instructions"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    plan = forms.CharField(
        label=lazy("Plan of the change"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    backout = forms.CharField(
        label=lazy("Backout plan"), required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, others: Sequence[Mapping[str, Any]], models: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        teams = Team.objects.standing().order_by("name").values_list("slug", "name")
        self._offer("team", [("", _("the item's own team")), *teams])
        self._offer("change_model", [("", "\N{EN DASH}"), *models.items()])
        self._offer("after", [(one["key"], one["title"]) for one in others])
        if not others:
            del self.fields["after"]
        if not models:
            for name in ("change_model", "plan", "backout"):
                del self.fields[name]
            self._offer("kind", [(TaskKind.WORK.value, TaskKind.WORK.label)])

    def _offer(self, name: str, choices: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == TaskKind.CHANGE and not given.get("change_model"):
            self.add_error("change_model", ValidationError(_("Choose the model that its change has.")))
        return given

    def said(self) -> dict[str, Any]:
        """As the document has it."""
        given = self.cleaned_data
        is_change = given["kind"] == TaskKind.CHANGE
        texts = ("description", "plan", "backout") if is_change else ("description",)
        values = {name: given[name].replace("\r\n", "\n") for name in texts if given.get(name)}
        return {
            "title": given["title"], "kind": given["kind"], "after": list(given.get("after", [])),
            "team": given["team"], "mandatory": given["mandatory"], "values": values,
            "change_model": given.get("change_model", "") if is_change else "", "when": self.condition(),
        }  # fmt: skip


def task_as_typed(task: Mapping[str, Any], version: int) -> dict[str, Any]:
    """A task of a document as its form holds it."""
    plain = {name: task[name] for name in ("title", "kind", "after", "team", "mandatory", "change_model")}
    return {
        **plain,
        **{name: task["values"].get(name, "") for name in ("description", "plan", "backout")},
        "version": version,
    }
