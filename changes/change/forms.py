"""Shapes of what people type about changes."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.queries.items import by_reference
from catalog.environments.forms import EnvironmentField
from changes.calendar.rules.bounds import is_within
from changes.change.models import Attestation
from changes.change.operations.affected import MOST_ITEMS
from changes.change.operations.opening import GateRequest
from changes.change.vocabulary import CLAIMED, ChangeClass, OutcomeCode
from changes.change_models.vocabulary import TaskKind
from changes.gate.vocabulary import Purpose
from itsm.accounts.models import User
from itsm.forms import Form
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.work.forms import TaskForm

if TYPE_CHECKING:
    from catalog.models import Service

PURPOSES = [
    (Purpose.FEATURE.value, _("Feature or maintenance")),
    (Purpose.RELIABILITY_FIX.value, _("Reliability fix, linked to a problem")),
    (Purpose.SECURITY_FIX.value, _("Security fix, for a finding")),
    (Purpose.ROLLBACK.value, _("Rollback to an earlier release")),
    (Purpose.FLAG_OFF.value, _("Turning a flag off")),
]
_CLOCK = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _text(label: Any, rows: int, most: int = 20_000, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


class NewChangeForm(Form):
    """What an engineer asks for by hand; the gate's own contract, with fewer fields."""

    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, to_field_name="slug"
    )
    summary = forms.CharField(
        label=_("What changes?"),
        max_length=200,
        widget=forms.TextInput(attrs={"placeholder": _("Deploy checkout 4.7.1 to production"), "autofocus": True}),
    )
    change_class = forms.ChoiceField(
        label=_("Class"),
        choices=CLAIMED,
        initial=ChangeClass.NORMAL,
        help_text=_("The gate checks it: standard needs an approved model, emergency a confirmed P1."),
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=PURPOSES)
    environment = EnvironmentField()
    plan = _text(
        _("Plan"), 5, required=False, help_text=_("What is done, in which order, and how one sees that it works.")
    )
    backout = _text(_("Backout"), 3, required=False, help_text=_("How to get back, and how long that takes."))
    artifact_version = forms.CharField(label=_("Version"), max_length=100, required=False)
    artifact_digest = forms.CharField(
        label=_("Artifact digest"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "sha256:…", "class": "mono"}),
        help_text=_("What others attest about this digest (review, tests, scans) counts as proof."),
    )
    window_start = forms.DateTimeField(label=_("Not before"), required=False, widget=_CLOCK)
    window_end = forms.DateTimeField(label=_("Done by"), required=False, widget=_CLOCK)
    incident = forms.CharField(
        label=_("Incident"), max_length=20, required=False, help_text=_("For an emergency: the P1 that it ends.")
    )
    items = forms.CharField(
        label=_("Affected items"),
        max_length=700,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "CI-00042, CI-00007", "class": "mono"}),
        help_text=_("Configuration items that it changes as well: hosts, databases. What rests on them is looked at."),
    )
    migration = forms.BooleanField(label=_("It migrates a database schema"), required=False)

    def __init__(self, services: "QuerySet[Service]", *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor
        self.fields["service"].queryset = services  # type: ignore[attr-defined]

    def clean_items(self) -> tuple[int, ...]:
        try:
            said = self.cleaned_data["items"].replace(",", " ").split()
            return tuple(by_reference(self._actor, one).pk for one in said[: MOST_ITEMS + 1])
        except NotFound as missing:
            raise forms.ValidationError(missing.detail) from missing

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        start, end = said.get("window_start"), said.get("window_end")
        if bool(start) != bool(end):
            self.add_error("window_end", _("A window has a beginning and an end."))
        return said

    def question(self) -> GateRequest:
        said = dict(self.cleaned_data)
        window = (said.pop("window_start"), said.pop("window_end"))
        incident = said.pop("incident")
        migration = True if said.pop("migration") else None
        return GateRequest(
            **said,
            window=window if all(window) else None,
            exception={"incident": incident} if incident else {},
            migration=migration,
        )


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


class NoteForm(Form):
    text = _text(_("Note"), 3)


class ChangeTaskForm(TaskForm):
    """One thing to do on a change: what kind of work, and until when."""

    task_kind = forms.ChoiceField(
        label=_("What kind of work?"), choices=TaskKind.choices, initial=TaskKind.IMPLEMENTATION
    )
    due_at = forms.DateTimeField(label=_("Until when?"), required=False, widget=_CLOCK)


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


# What each step asks for before it is taken.
STEP_FORMS: dict[str, type[forms.Form]] = {
    "approve": ApproveForm,
    "decline": DeclineForm,
    "cancel": WhyForm,
    "close": CloseForm,
}


def step_form(action: str) -> type[forms.Form]:
    return STEP_FORMS.get(action, NothingMore)
