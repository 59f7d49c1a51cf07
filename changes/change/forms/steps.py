"""Shapes of what people type about changes."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from changes.calendar.rules.bounds import is_within
from changes.change.models import Attestation
from changes.change.models.override import SHORTEST_REASON
from changes.change.vocabulary import OutcomeCode
from changes.change_models.vocabulary import TaskKind
from itsm.accounts.models import User
from itsm.forms import Form, instant_box
from itsm.notifications.web_addresses import MAX_LENGTH, web_address
from itsm.work.forms import TaskForm

if TYPE_CHECKING:
    from catalog.models import Service


def _text(label: Any, rows: int, most: int = 20_000, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


class NothingMore(Form):
    """A step that needs no words."""


class AnswerForm(Form):
    """`version` is the change's, as it was read: nobody answers what its author has written anew since."""

    version = forms.IntegerField(
        min_value=1,
        max_value=2**31 - 1,
        widget=forms.HiddenInput,
        error_messages={"required": _("Open the change once more, then answer: this form does not say what you read.")},
    )


class ApproveForm(AnswerForm):
    """`seen` is the mark of the news that was shown: what came after it is shown before it is approved."""

    comment = _text(_("Comment"), 2, 4000, required=False)
    seen = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)


class DeclineForm(AnswerForm):
    comment = _text(
        _("Why not?"),
        3,
        4000,
        error_messages={"required": _("Say why you decline, so that the author can act on it.")},
        help_text=_("The author reads this: say what would have to change."),
    )


class WhyForm(Form):
    why = forms.CharField(label=_("Why?"), max_length=200, required=False)


class CloseForm(Form):
    outcome_code = forms.ChoiceField(label=_("How did it go?"), choices=OutcomeCode.choices, widget=forms.RadioSelect)
    note = _text(_("What is to be remembered"), 3, 4000, required=False)


class OverrideForm(Form):
    """Why it cannot wait, and who confirms it."""

    reason = _text(
        _("Why can it not wait?"),
        4,
        2000,
        min_length=SHORTEST_REASON,
        help_text=_("At least 30 characters. Everybody who is told of it reads this."),
    )
    second_person = forms.ModelChoiceField(
        label=_("Second person"),
        queryset=User.objects.none(),
        to_field_name="username",
        help_text=_("Another owner of the service or change manager, who has no part in the change."),
    )

    def __init__(self, people: "QuerySet[User]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["second_person"].queryset = people  # type: ignore[attr-defined]


class NoteForm(Form):
    text = _text(_("Note"), 3)


class ChangeTaskForm(TaskForm):
    """One thing to do on a change: what kind of work, and until when."""

    task_kind = forms.ChoiceField(
        label=_("What kind of work?"), choices=TaskKind.choices, initial=TaskKind.IMPLEMENTATION
    )
    due_at = forms.DateTimeField(label=_("Until when?"), required=False, widget=instant_box())


class LengthForm(Form):
    """How long a change takes, in minutes."""

    LONGEST = 14 * 24 * 60
    duration = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=LONGEST)


class SlotForm(LengthForm):
    """A free time that was picked; the version is the change's, as it was read."""

    start = forms.DateTimeField()
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    agreed = forms.CharField(max_length=32, required=False)
    back = forms.CharField(max_length=5, required=False)

    def clean_start(self) -> datetime:
        start: datetime = self.cleaned_data["start"]
        if not is_within(start):
            raise forms.ValidationError(_("Pick one of the free times."))
        return start


class AttestorForm(Form):
    """Whose word about which subject of a service's artifacts counts."""

    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, to_field_name="slug"
    )
    about = forms.ChoiceField(label=_("About"), choices=Attestation.About.choices)
    account = forms.ModelChoiceField(
        label=_("Account"),
        queryset=User.objects.none(),
        to_field_name="username",
        help_text=_("Programs need to be named; people without an interest are believed anyway."),
    )

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]
        programs = User.objects.filter(account_type=User.AccountType.SERVICE, is_active=True).order_by("username")
        self.fields["account"].queryset = programs  # type: ignore[attr-defined]


class AttestForm(Form):
    """What somebody knows of an artifact. Numbers are for tests and scans; left out, a yes counts one that passed, a
    no one that failed."""

    about = forms.ChoiceField(label=_("About"), choices=Attestation.About.choices)
    holds = forms.ChoiceField(
        label=_("What you found"), widget=forms.RadioSelect,
        choices=[("yes", _("It is so, and nothing failed")), ("no", _("It is not so, or something failed"))],
    )  # fmt: skip
    passed = forms.IntegerField(label=_("Passed"), required=False, min_value=0, max_value=1_000_000)
    failed = forms.IntegerField(
        label=_("Failed"), required=False, min_value=0, max_value=1_000_000,
        help_text=_("Of tests, how many; of a scan, the findings that block."),
    )  # fmt: skip
    source = forms.CharField(
        label=_("How you know"), max_length=60, help_text=_("Such as: read the diff, ran them myself.")
    )
    url = forms.CharField(label=_("Where it is seen"), max_length=MAX_LENGTH, required=False, validators=[web_address])

    def clean(self) -> dict[str, Any]:
        """Numbers that say the contrary of the answer are asked about."""
        said = super().clean() or {}
        if said.get("holds") == "yes" and said.get("failed"):
            self.add_error("failed", _("Nothing failed, you say above: leave it out, or say that something did."))
        if said.get("holds") == "yes" and said.get("passed") == 0:
            self.add_error("passed", _("It is so, you say above: leave it out, or say how many passed."))
        if said.get("holds") == "no" and said.get("failed") == 0:
            self.add_error("failed", _("Something failed, you say above: leave it out, or say how many."))
        return said

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        found = self.cleaned_data
        holds = found["holds"] == "yes"
        passed, failed = found["passed"], found["failed"]
        return {
            "about": found["about"], "source": found["source"], "url": found["url"],
            "passed": int(holds) if passed is None else passed,
            "failed": 0 if holds else failed or 1,
        }  # fmt: skip


class ImpactedForm(Form):
    """A service that would feel it."""

    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"),
        queryset=None,
        to_field_name="slug",
        empty_label=_("Add a service"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services.order_by("name")  # type: ignore[attr-defined]


# What each step asks for before it is taken.
STEP_FORMS: dict[str, type[forms.Form]] = {
    "approve": ApproveForm,
    "decline": DeclineForm,
    "cancel": WhyForm,
    "close": CloseForm,
}


def step_form(action: str) -> type[forms.Form]:
    return STEP_FORMS.get(action, NothingMore)
