"""What people put beside an incident: words, tasks, time, links, who follows it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import User
from itsm.forms import Form
from itsm.work.time_limits import MAX_MINUTES, MAX_NOTE


class ParentForm(Form):
    """Empty: it is nobody's child any more."""

    parent = forms.CharField(label=_("Parent"), max_length=20, required=False)


class WatchForm(Form):
    """Without a person: oneself."""

    user = forms.ModelChoiceField(
        label=_("Who?"), queryset=User.objects.none(), required=False, to_field_name="username"
    )
    share = forms.BooleanField(label=_("Share it: they will read its public side"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.active_people()
        self.fields["user"].queryset = people  # type: ignore[attr-defined]


class TimeForm(Form):
    """One's own time on it; without a day: today."""

    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=MAX_MINUTES)
    note = forms.CharField(label=_("What was done"), max_length=MAX_NOTE, required=False)
    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def sent(self) -> dict[str, Any]:
        """What was said; a day only where one was."""
        return {name: value for name, value in self.cleaned_data.items() if name != "day" or value is not None}


class NoteForm(Form):
    """Private unless the reply button was used: Ctrl+Enter never tells a reporter by accident.

    `seen`: the newest note on the page that it was written on. `draft`: the proposal that it began as.
    """

    text = forms.CharField(label=_("Note"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 3}))
    reply = forms.BooleanField(required=False)
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**62)
    draft = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def __init__(self, *args: Any, with_files: bool = False, **kwargs: Any) -> None:
        """`with_files`: they may stand without words."""
        super().__init__(*args, **kwargs)
        self.fields["text"].required = not with_files
