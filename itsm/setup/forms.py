"""Shapes of what people type in the first hour: each form asks for the least that makes a whole."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db.models import QuerySet
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from catalog.environments.forms import EnvironmentField
from catalog.services.vocabulary import Tier
from itsm.accounts.models import Role, Team
from itsm.forms import Form
from itsm.people.forms.people import ROLE_WORDS
from itsm.slugs import slug_of
from slo.measuring.forms.parts import QUERY, PercentField

if TYPE_CHECKING:
    from catalog.models import Service
    from slo.models import DataSource

PUSH, PROMETHEUS, ADDRESS = "push", "prometheus", "uptime"


class AdministratorForm(Form):
    """The first account."""

    username = forms.CharField(
        label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )  # fmt: skip
    name = forms.CharField(
        label=_("Your name"), max_length=150, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Password"), strip=False, help_text=_("At least ten characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    again = forms.CharField(
        label=_("The password again"), strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if said.get("password") != said.get("again") and "password" in said and "again" in said:
            self.add_error("again", translated("The two passwords differ."))
        return said

    def person(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in ("username", "name", "email", "password")}


class TeamForm(Form):
    """A team by its name; the slug is made from it."""

    team_name = forms.CharField(label=_("Name of the team"), max_length=100)

    def slug(self) -> str:
        return slug_of(self.cleaned_data["team_name"])


class PersonForm(Form):
    """One person, who signs in once they have a password."""

    name = forms.CharField(label=_("Name"), max_length=150)
    username = forms.CharField(label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()])
    email = forms.EmailField(label=_("E-mail"), required=False)
    roles = forms.MultipleChoiceField(
        label=_("What they do"), choices=list(ROLE_WORDS.items()), widget=forms.CheckboxSelectMultiple,
        initial=[Role.ENGINEER.value],
    )  # fmt: skip
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"), queryset=Team.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    password = forms.CharField(
        label=_("First password"), strip=False, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Without one they cannot sign in until they follow an invitation."),
    )  # fmt: skip

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        said = dict(self.cleaned_data)
        return {**said, "password": said["password"] or None, "teams": list(said["teams"])}


class FirstServiceForm(Form):
    """A service by hand."""

    name = forms.CharField(label=_("Name"), max_length=120)
    tier = forms.TypedChoiceField(label=_("Tier"), choices=Tier.choices, coerce=int, initial=Tier.SUPPORTING)
    team = forms.ModelChoiceField(
        label=_("Owner team"), queryset=Team.objects.all(), required=False, empty_label=_("nobody yet")
    )
    description = forms.CharField(label=_("What it is for"), max_length=4000, required=False)
    standard_deployments = forms.BooleanField(
        label=_("Its deployments are standard changes: the gate may let them go without anybody"), required=False
    )

    def said(self) -> dict[str, Any]:
        """As the operation takes it; the slug is made from the name."""
        said = dict(self.cleaned_data)
        return {**said, "slug": slug_of(said["name"])}


class FirstObjectiveForm(Form):
    """An objective about availability, over 28 days, measured in one of three ways. The full form has the rest."""

    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, to_field_name="slug"
    )
    environment = EnvironmentField()
    target = PercentField(label=_("Good, in percent"), initial=Decimal("99.5"))
    source = forms.ChoiceField(
        label=_("Measured by"), widget=forms.RadioSelect, initial=PROMETHEUS,
        choices=[
            (PROMETHEUS, _("A Prometheus, or what speaks its API")),
            (ADDRESS, _("Headroom itself looks at a web address each minute")),
            (PUSH, _("A program sends its counts, or somebody uploads a CSV file")),
        ],
    )  # fmt: skip
    data_source: "forms.ModelChoiceField[DataSource]" = forms.ModelChoiceField(
        label=_("Data source"), queryset=None, to_field_name="slug", required=False,
        empty_label=_("Another address"),
    )  # fmt: skip
    server_url = forms.CharField(
        label=_("Address of the Prometheus"), max_length=300, required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://prometheus.example.org"}),
    )  # fmt: skip
    good_query = forms.CharField(
        label=_("Good events per minute (PromQL)"), max_length=4000, required=False,
        widget=forms.Textarea(attrs=QUERY | {"placeholder": 'sum(increase(http_requests_total{code!~"5.."}[1m]))'}),
    )  # fmt: skip
    total_query = forms.CharField(
        label=_("All events per minute (PromQL)"), max_length=4000, required=False,
        widget=forms.Textarea(attrs=QUERY | {"placeholder": "sum(increase(http_requests_total[1m]))"}),
    )  # fmt: skip
    url = forms.CharField(
        label=_("Web address"), max_length=300, required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://www.example.org/health"}),
    )  # fmt: skip

    def __init__(
        self, services: "QuerySet[Service]", sources: "QuerySet[DataSource]", *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]
        self.fields["data_source"].queryset = sources  # type: ignore[attr-defined]
        if not sources.exists():
            self.fields["data_source"].widget = forms.HiddenInput()
        for name in ("data_source", "server_url", "good_query", "total_query", "url"):  # needed by one way of measuring
            self.fields[name].unmarked = True  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        needed = {PROMETHEUS: ("good_query", "total_query"), ADDRESS: ("url",), PUSH: ()}[said.get("source") or PUSH]
        for name in needed:
            if not said.get(name):
                self.add_error(name, translated("This is needed for it."))
        if said.get("source") == PROMETHEUS and not (said.get("data_source") or said.get("server_url")):
            self.add_error("server_url", translated("Say which Prometheus."))
        return said

    def definition(self) -> dict[str, Any]:
        """The indicator as `operations.settle_indicator` takes it."""
        said, source = self.cleaned_data, self.cleaned_data["source"]
        found: dict[str, Any] = {"slug": self.slug("requests" if source != ADDRESS else "up"), "source": source}
        if source == ADDRESS:
            return found | {"check": {"way": "http", "url": said["url"]}}
        if source == PROMETHEUS:
            place = {"data_source": said["data_source"]} if said["data_source"] else {"server_url": said["server_url"]}
            return found | place | {name: said[name] for name in ("good_query", "total_query")}
        return found

    def slug(self, ending: str) -> str:
        return f"{self.cleaned_data['service'].slug[: 62 - len(ending)]}-{ending}"


class FirstTokenForm(Form):
    """For a pipeline that asks: it may read and ask, and nothing else."""

    name = forms.CharField(label=_("Where it will be used"), max_length=100, initial=_("first pipeline"))


class FirstQuestionForm(Form):
    """The least that makes a whole question."""

    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, to_field_name="slug", empty_label=None
    )
    environment = EnvironmentField()

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]


class FirstAgreementForm(Form):
    """What everybody is promised until something narrower is agreed."""

    name = forms.CharField(label=_("Name"), max_length=80, initial=_("Standard"))
    first_response = forms.CharField(label=_("First response"), max_length=20, initial="4 h")
    resolve = forms.CharField(
        label=_("Resolve"), max_length=20, initial="24 h",
        help_text=_("Counted time: 30 min, 4 h. It can be narrowed later by service, offering, priority and calendar."),
    )  # fmt: skip

    def targets(self) -> dict[str, str]:
        """By metric, as typed."""
        return {name: self.cleaned_data[name] for name in ("first_response", "resolve")}
