"""What people type about problems: shapes only."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.services.queries import every_service
from incidents.incident.models import Category
from incidents.problem.models import Problem
from incidents.problem.vocabulary import TASK_KINDS
from itsm.accounts.models import Team, User
from itsm.accounts.queries.assignable import assignable
from itsm.accounts.queues import nameable_queues
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.work.forms import TaskForm

if TYPE_CHECKING:
    from catalog.models import Service


def _text(label: Any, rows: int = 4, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )  # fmt: skip


class ProblemForm(Form):
    """A new problem, or the words of one."""

    statement = forms.CharField(
        label=_("What goes wrong?"),
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("Connection pool is exhausted on retry"), "autofocus": True}),
    )
    symptom = _text(
        _("Symptom"), help_text=_("What those see who suffer it: by these words it is found from an incident.")
    )
    cause = _text(_("Cause"))
    workaround = _text(_("Workaround"), help_text=_("What helps until it is fixed."))
    workaround_public = forms.BooleanField(label=_("Requesters may read the workaround"), required=False)
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, required=False, to_field_name="slug", empty_label=_("not known yet")
    )
    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.none(), required=False, empty_label=_("none")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = every_service()  # type: ignore[attr-defined]
        now = self.initial.get("category")
        kept = Category.objects.filter(Q(retired_at=None) | Q(pk=now)).order_by("path")
        self.fields["category"].queryset = kept  # type: ignore[attr-defined]


class NewProblemForm(ProblemForm):
    raised_from = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def said(self) -> dict[str, Any]:
        """What the operation takes."""
        said = dict(self.cleaned_data)
        return {**said, "raised_from": said["raised_from"].split()}


class RewriteForm(ProblemForm):
    """The words of a problem, as they were read (`version`)."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class EditForm(Form):
    """Some facts at a time: only those that were sent are changed."""

    owner = forms.ModelChoiceField(label=_("Owner"), queryset=User.objects.none(), required=False)
    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, required=False
    )
    team = forms.ModelChoiceField(label=_("Queue"), queryset=Team.objects.none(), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = assignable()  # type: ignore[attr-defined]
        self.fields["service"].queryset = every_service()  # type: ignore[attr-defined]
        self.fields["team"].queryset = nameable_queues(actor)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if "team" in self.data and said.get("team") is None:
            self.add_error("team", _("This may not be empty."))
        return said

    def sent(self) -> dict[str, Any]:
        """The fields that were in the request, and the version that was read."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.data}


class NoteForm(Form):
    text = forms.CharField(label=_("Note"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}))


class BroadcastForm(Form):
    """What those who wait are told."""

    text = forms.CharField(
        label=_("What helps them?"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}), required=False
    )
    requesters = forms.BooleanField(label=_("Tell the callers too, as a reply"), required=False)
    workaround_public = forms.BooleanField(
        label=_("Requesters may read the workaround from now on"),
        required=False,
        help_text=_("Needed where the callers are told the workaround as it stands."),
    )


class ApplyForm(Form):
    """A known error for an incident."""

    incident = forms.CharField(max_length=20, widget=forms.HiddenInput)
    requester = forms.BooleanField(required=False)


class ProblemTaskForm(TaskForm):
    task_kind = forms.ChoiceField(label=_("What kind of work?"), choices=TASK_KINDS, required=False)
    due_at = forms.DateTimeField(label=_("Until when?"), required=False)


def as_typed(problem: Problem) -> dict[str, Any]:
    """A problem as the form of its words shows it."""
    return {
        "statement": problem.statement, "symptom": problem.symptom, "cause": problem.cause,
        "workaround": problem.workaround, "workaround_public": problem.workaround_public,
        "service": problem.service.slug if problem.service else "", "category": problem.category_id,
        "version": problem.version,
    }  # fmt: skip
