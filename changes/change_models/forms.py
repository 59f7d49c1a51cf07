"""What people type about change models."""

import re
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from catalog.environments.queries import UnknownEnvironment, canonical_all
from changes.change_models.models import ChangeModel
from changes.change_models.queries import names_of_bounds
from changes.change_models.rules.bounds import DAYS, several
from changes.change_models.vocabulary import MOST_TASKS, TaskKind
from itsm.accounts.models import User
from itsm.forms import Form
from itsm.kernel.texts import is_blank
from itsm.slugs import slug_shape

if TYPE_CHECKING:
    from catalog.models import Service

_PARTS = ("kind", "title", "mandatory")
_DAYS = [
    ("mon", _("Monday")), ("tue", _("Tuesday")), ("wed", _("Wednesday")), ("thu", _("Thursday")), ("fri", _("Friday")),
    ("sat", _("Saturday")), ("sun", _("Sunday")),
]  # fmt: skip
_CLOCK = forms.TextInput(attrs={"type": "time"})
_BLANK_ROWS = 3
_TASK = re.compile(r"task_(\d{1,2})_title")


def _words(label: Any, most: int, **more: Any) -> forms.CharField:
    """Several words with commas between them; empty: any."""
    return forms.CharField(label=label, max_length=most, required=False, **{"help_text": _("Empty: any."), **more})


class BoundsForm(Form):
    """The bounds of a change model: deployments within them are standard changes."""

    repository = _words(_("Repositories"), 200)
    workflow_name = _words(_("Pipeline workflows"), 200)
    environments = _words(_("Environments"), 800)
    also_services = _words(_("Other services"), 3200, help_text=_("By their slugs, with commas between them."))
    paths = forms.CharField(
        label=_("Paths that may change"),
        max_length=10_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
        help_text=_("A pattern on each line, such as config/*. Empty: any."),
    )
    most_commits = forms.IntegerField(label=_("Most commits"), min_value=1, max_value=10_000, required=False)
    days = forms.MultipleChoiceField(
        label=_("Days"), choices=_DAYS, required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None: any.")
    )
    hours_from = forms.CharField(label=_("From"), max_length=5, required=False, widget=_CLOCK)
    hours_until = forms.CharField(label=_("Until"), max_length=5, required=False, widget=_CLOCK)
    zone = forms.CharField(label=_("Time zone"), max_length=64, initial="UTC", required=False)
    users = _words(_("Who may use it"), 15_000, help_text=_("User names with commas between them. Empty: anybody."))
    risk = forms.ChoiceField(label=_("Risk"), choices=[("low", _("Low")), ("medium", _("Medium")), ("high", _("High"))])
    progressive = forms.BooleanField(label=_("It always rolls out progressively"), required=False)
    rollback_tested = forms.BooleanField(label=_("Its rollback is tested"), required=False)
    allows_migration = forms.BooleanField(label=_("It may migrate the schema"), required=False)

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._services = services
        kept = list((self.initial or {}).get("tasks", ()))
        sent = [int(found[1]) + 1 for name in self.data if (found := _TASK.fullmatch(name))]
        rows = max(sent) if self.is_bound and sent else len(kept) + _BLANK_ROWS
        self._rows = range(min(rows, MOST_TASKS))
        for number in self._rows:
            self._add_task(number, kept[number] if number < len(kept) else {})

    def _add_task(self, number: int, kept: dict[str, Any]) -> None:
        place = {"number": number + 1}
        self.fields[f"task_{number}_title"] = forms.CharField(
            label=_now("Task %(number)d") % place, max_length=200, required=False, initial=kept.get("title", "")
        )
        self.fields[f"task_{number}_kind"] = forms.ChoiceField(
            label=_now("Kind of task %(number)d") % place, choices=TaskKind.choices, required=False,
            initial=kept.get("kind", TaskKind.IMPLEMENTATION.value),
        )  # fmt: skip
        self.fields[f"task_{number}_mandatory"] = forms.BooleanField(
            label=_("mandatory"), required=False, initial=kept.get("mandatory", True)
        )

    @property
    def bounds(self) -> "list[forms.BoundField]":
        """All but the tasks."""
        return [bound for bound in self if not bound.name.startswith("task_")]

    @property
    def task_rows(self) -> "list[tuple[forms.BoundField, forms.BoundField, forms.BoundField]]":
        """What is to be done, its kind, whether it is mandatory: a row each, those of the draft and a few more."""
        return [
            (self[f"task_{one}_title"], self[f"task_{one}_kind"], self[f"task_{one}_mandatory"]) for one in self._rows
        ]

    def clean(self) -> dict[str, Any]:
        """A row without words is no task: so one is taken out."""
        said = super().clean() or {}
        rows = [{part: said.pop(f"task_{one}_{part}", "") for part in _PARTS} for one in self._rows]
        said["tasks"] = [row | {"mandatory": bool(row["mandatory"])} for row in rows if not is_blank(row["title"])]
        return said

    def clean_environments(self) -> list[str]:
        try:
            return canonical_all(several(self.cleaned_data["environments"]))
        except UnknownEnvironment as unknown:
            raise forms.ValidationError(unknown.detail) from unknown

    def clean_also_services(self) -> list[int]:
        named = several(self.cleaned_data["also_services"])
        return self._ids(named, dict(self._services.filter(slug__in=named).values_list("slug", "pk")))

    def clean_users(self) -> list[int]:
        named = several(self.cleaned_data["users"])
        return self._ids(named, dict(User.objects.filter(username__in=named).values_list("username", "pk")))

    def _ids(self, named: list[str], found: dict[str, int]) -> list[int]:
        missing = [one for one in named if one not in found]
        if missing:
            raise forms.ValidationError(_now("There is no %(names)s.") % {"names": ", ".join(missing)[:200]})
        return sorted(set(found.values()))

    def clean_paths(self) -> list[str]:
        return [one.strip() for one in self.cleaned_data["paths"].splitlines() if one.strip()]

    def clean_days(self) -> list[str]:
        return [one for one in DAYS if one in self.cleaned_data["days"]]

    def clean_zone(self) -> str:
        return self.cleaned_data["zone"] or "UTC"


class ModelForm(BoundsForm):
    """A new model."""

    field_order = ("slug", "service")
    slug = forms.CharField(label=_("Slug"), max_length=63, validators=[slug_shape])
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, to_field_name="slug"
    )

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(services, *args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]


def typed(model: ChangeModel, bounds: dict[str, Any]) -> dict[str, Any]:
    """Bounds as the form shows them to be edited."""
    services, users = names_of_bounds(model, bounds)
    return bounds | {
        "environments": ", ".join(bounds["environments"]),
        "also_services": ", ".join(services),
        "users": ", ".join(users),
        "paths": "\n".join(bounds["paths"]),
    }
