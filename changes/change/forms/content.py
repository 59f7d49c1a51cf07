"""What people type of the content of a change: a new one as a whole, one that is there some fields at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from catalog.cmdb.queries.items import by_reference
from catalog.environments.forms import EnvironmentField
from changes.change.models import Change
from changes.change.operations.affected import MOST_ITEMS
from changes.change.operations.opening import GateRequest
from changes.change.operations.planned import LONGEST_OUTAGE, Outage
from changes.change.vocabulary import CLAIMED, EXPERIMENT, ChangeClass
from changes.gate.vocabulary import Purpose
from itsm.accounts.models import User
from itsm.accounts.queries.assignable import assignable
from itsm.forms import Form, instant_box
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.kernel.references import reference

if TYPE_CHECKING:
    from catalog.models import Service

PURPOSES = [
    (Purpose.FEATURE.value, _("Feature or maintenance")),
    (Purpose.RELIABILITY_FIX.value, _("Reliability fix, linked to a problem")),
    (Purpose.SECURITY_FIX.value, _("Security fix, for a finding")),
    (Purpose.ROLLBACK.value, _("Rollback to an earlier release")),
    (Purpose.FLAG_OFF.value, _("Turning a flag off")),
]
EXPERIMENTS = [(EXPERIMENT, _("Chaos experiment"))]  # planned on a page of their own, and nothing else ever
PLANS = ("plan", "test_plan", "backout", "no_backout_because", "communication_plan")


class PlanField(forms.CharField):
    """Words over several lines, with line ends as they are stored: what nobody touched is no other content."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.to_python(initial), data)


def _text(label: Any, rows: int, most: int = 20_000, **more: Any) -> PlanField:
    return PlanField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), required=False, **more)


class ContentForm(Form):
    """The fields that a new change and an edit have in common."""

    plan = _text(
        _("Implementation plan"), 5, help_text=_("What is done, in which order, and how one sees that it works.")
    )
    test_plan = _text(_("Test plan"), 3, help_text=_("What is tried before, and what is looked at after."))
    backout = _text(_("Backout plan"), 3, help_text=_("How to get back, and how long that takes."))
    no_backout_because = _text(
        _("Or why there is no way back"), 2, 2000, help_text=_("A normal change needs the one or the other.")
    )
    communication_plan = _text(_("Communication plan"), 2, help_text=_("Who is told what, and when."))
    outage_minutes = forms.IntegerField(
        label=_("Expected outage, minutes"), min_value=1, max_value=LONGEST_OUTAGE, required=False,
        help_text=_("Empty where nobody is to notice."),
    )  # fmt: skip
    outage_services = forms.CharField(
        label=_("Services that are out"), max_length=3500, required=False,
        widget=forms.TextInput(attrs={"placeholder": _("checkout, search"), "class": "mono"}),
        help_text=_("By their short names. Empty: the service that changes."),
    )  # fmt: skip
    implementer = forms.ModelChoiceField(
        label=_("Implementer"), queryset=User.objects.none(), to_field_name="username", required=False,
        help_text=_("Who carries it out, and so has no say in it. Empty: whoever asks."),
    )  # fmt: skip
    artifact_version = forms.CharField(label=_("Version"), max_length=100, required=False)
    artifact_digest = forms.CharField(
        label=_("Artifact digest"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "sha256:…", "class": "mono"}),
        help_text=_("What others attest about this digest (review, tests, scans) counts as proof."),
    )
    window_start = forms.DateTimeField(label=_("Not before"), required=False, widget=instant_box())
    window_end = forms.DateTimeField(label=_("Done by"), required=False, widget=instant_box())
    items = forms.CharField(
        label=_("Affected items"),
        max_length=700,
        required=False,
        widget=forms.TextInput(
            attrs={
                "placeholder": "CI-00042, CI-00007",
                "class": "mono",
                # Who would be hit as well is shown while one types, before anything is sent.
                "hx-get": reverse_lazy("changes:newly_impacted"),
                "hx-trigger": "change, keyup changed delay:600ms",
                "hx-include": "[name='service']",
                "hx-target": "#newly-impacted",
                "hx-swap": "outerHTML",
            }
        ),
        help_text=_("Configuration items that it changes as well: hosts, databases. What rests on them is looked at."),
    )

    def __init__(self, services: "QuerySet[Service]", *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor, self._services = actor, services
        self.fields["implementer"].queryset = assignable()  # type: ignore[attr-defined]

    def clean_items(self) -> tuple[int, ...]:
        try:
            said = self.cleaned_data["items"].replace(",", " ").split()
            return tuple(by_reference(self._actor, one).pk for one in said[: MOST_ITEMS + 1])
        except NotFound as missing:
            raise forms.ValidationError(missing.detail) from missing

    def clean_outage_services(self) -> tuple[int, ...]:
        said = dict.fromkeys(self.cleaned_data["outage_services"].replace(",", " ").lower().split())
        known = dict(self._services.filter(slug__in=said).values_list("slug", "pk"))
        if missing := next((slug for slug in said if slug not in known), None):
            raise forms.ValidationError(_("There is no service called %(slug)s.") % {"slug": missing[:64]})
        return tuple(known.values())

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("window_start")) != bool(said.get("window_end")):
            self.add_error("window_end", _("A window has a beginning and an end."))
        if said.get("outage_services") and not said.get("outage_minutes"):
            self.add_error("outage_minutes", _("Say how long these services are out."))
        return said

    def _outage(self, said: dict[str, Any]) -> Outage | None:
        minutes, services = said.pop("outage_minutes", None), said.pop("outage_services", ())
        return Outage(minutes, services) if minutes else None


class NewChangeForm(ContentForm):
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
    incident = forms.CharField(
        label=_("Incident"), max_length=20, required=False, help_text=_("For an emergency: the P1 that it ends.")
    )
    migration = forms.BooleanField(label=_("It migrates a database schema"), required=False)
    raised_from = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)

    def __init__(self, services: "QuerySet[Service]", *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(services, *args, actor=actor, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]

    def question(self) -> GateRequest:
        """What is asked, of a form that is valid."""
        said = dict(self.cleaned_data)
        window = (said.pop("window_start"), said.pop("window_end"))
        incident, raised_from = said.pop("incident"), said.pop("raised_from")
        migration = True if said.pop("migration") else None
        return GateRequest(
            **said | {"outage": self._outage(said)},
            window=window if all(window) else None,
            exception={"incident": incident} if incident else {},
            migration=migration,
            raised_from=(raised_from,) if raised_from else (),
        )


class EditForm(ContentForm):
    """Some fields at a time: only those that were sent are changed.

    `version`: of the change as it was read. `agreed`: the mark of what the edit takes away, as it was shown.
    """

    _NEEDED = ("summary", "purpose", "environment")

    summary = forms.CharField(label=_("What changes?"), max_length=200, required=False)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=PURPOSES, required=False)
    environment = EnvironmentField(required=False)
    commit = forms.CharField(
        label=_("Commit"), max_length=64, required=False, widget=forms.TextInput(attrs={"class": "mono"})
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    agreed = forms.CharField(max_length=16, required=False, widget=forms.HiddenInput)

    def as_a_whole(self) -> "EditForm":
        """The form of the page that edits all of it: what may not be empty is said to be needed."""
        for name in self._NEEDED:
            self.fields[name].required = True
        if self.initial.get("purpose") == EXPERIMENT:
            self.fields["purpose"].choices = EXPERIMENTS  # type: ignore[attr-defined]
        return self

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        for name in self._NEEDED:
            if name in self.data and not said.get(name) and name not in self.errors:
                self.add_error(name, _("This may not be empty."))
        return said

    def sent(self) -> dict[str, Any]:
        """What was sent, and of a form that began with what stands now what is another; with the version that was read
        and the mark of what was agreed to."""
        kept = set(self.initial) - set(self.changed_data) - {"version"}
        said = {name: value for name, value in self.cleaned_data.items() if name in self.data and name not in kept}
        if "outage_minutes" in said or "outage_services" in said:
            said = {name: value for name, value in said.items() if not name.startswith("outage_")}
            said["outage"] = self._outage(dict(self.cleaned_data))
        return said | {"agreed": self.cleaned_data["agreed"]}

    def sent_again(self) -> Sequence[tuple[str, str]]:
        """(name, text) of what was sent, for a form that sends it once more."""
        return [(name, self.data.get(name, "")) for name in self.fields if name in self.data and name != "agreed"]

    def said_again(self) -> Sequence[tuple[str, str]]:
        """(label, words) of what was sent, for people."""
        sent = [name for name, _text in self.sent_again() if name != "version"]
        return [(str(self[name].label or name), self._in_words(name) or "\N{EN DASH}") for name in sent]

    def _in_words(self, name: str) -> str:
        said = self.data.get(name, "")
        choices = getattr(self.fields[name].widget, "choices", ())
        return next((str(label) for value, label in choices if str(value) == said), said)


def _to_the_minute(instant: datetime | None) -> datetime | None:
    """As the box shows it."""
    return instant.replace(second=0, microsecond=0) if instant else None


def as_typed(change: Change, services_out: Sequence[str]) -> dict[str, Any]:
    """What the form of an edit begins with. `services_out`: the slugs that the reader may see."""
    same = ("summary", "purpose", "environment", *PLANS, "outage_minutes", "artifact_version", "artifact_digest")
    return {
        **{name: getattr(change, name) for name in (*same, "commit", "version")},
        "window_start": _to_the_minute(change.window_start),
        "window_end": _to_the_minute(change.window_end),
        "implementer": change.implementer.username if change.implementer else "",
        "outage_services": ", ".join(services_out),
        "items": ", ".join(reference("CI", one) for one in change.items),
    }
