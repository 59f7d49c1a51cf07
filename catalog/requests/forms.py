"""What people type about requests: shapes only."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import User
from itsm.accounts.queries.assignable import assignable
from itsm.forms import Form
from itsm.work.forms import TaskForm

__all__ = ["AssignForm", "DecisionForm", "EndTaskForm", "RequestNoteForm", "TaskForm"]


class RequestNoteForm(Form):
    """Public unless the button for the team was used, of who works on it; of others always public."""

    text = forms.CharField(label=_("Words"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}))
    private = forms.BooleanField(required=False)

    def __init__(self, *args: Any, with_files: bool = False, **kwargs: Any) -> None:
        """`with_files`: they may stand without words."""
        super().__init__(*args, **kwargs)
        self.fields["text"].required = not with_files


class DecisionForm(Form):
    """One word about an item, with a reason where it is declined."""

    comment = forms.CharField(
        label=_("Reason"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Needed to decline: whoever asked reads it."),
    )  # fmt: skip


class AssignForm(Form):
    assigned_to = forms.ModelChoiceField(label=_("Who fulfils it?"), queryset=User.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assigned_to"].queryset = assignable()  # type: ignore[attr-defined]


class EndTaskForm(Form):
    """How a task ended; not done and left out with a reason."""

    outcome = forms.ChoiceField(
        label=_("How did it end?"),
        choices=[("done", _("done")), ("not_done", _("not done")), ("skipped", _("left out"))],
    )
    reason = forms.CharField(label=_("Why?"), max_length=2000, required=False)
