"""Shapes of what people type about allowances."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import Team, User
from itsm.forms import Form

if TYPE_CHECKING:
    from catalog.models import Service

HUNDRED = Decimal(100)


class ShareForm(Form):
    """A share, as people say it: in percent."""

    percent = forms.DecimalField(
        label=_("Share of the headroom, in percent"), min_value=Decimal("0.0001"), max_value=HUNDRED, max_digits=7,
        decimal_places=4, localize=False,
    )  # fmt: skip
    reason = forms.CharField(label=_("Why?"), max_length=300, required=False)

    def said(self) -> dict[str, Any]:
        """The words of the operation."""
        words = dict(self.cleaned_data)
        share = words.pop("percent") / HUNDRED
        return {**words, "share": share}


class GiveForm(ShareForm):
    """Who may draw how much of which service's headroom."""

    service: "forms.ModelChoiceField[Service]" = forms.ModelChoiceField(
        label=_("Service"), queryset=None, to_field_name="slug"
    )
    agent = forms.ModelChoiceField(
        label=_("Software agent"),
        queryset=User.objects.none(),
        to_field_name="username",
        required=False,
        empty_label=_("none: a team, below"),
    )
    team = forms.ModelChoiceField(
        label=_("Or a team"),
        queryset=Team.objects.none(),
        to_field_name="slug",
        required=False,
        help_text=_("An agent without an allowance goes to people. A team without one is judged as everybody."),
    )
    field_order = ("service", "agent", "team", "percent", "reason")

    def __init__(self, services: "QuerySet[Service]", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = services  # type: ignore[attr-defined]
        agents = User.objects.filter(account_type=User.AccountType.AGENT, is_active=True).order_by("username")
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]
        self.fields["team"].queryset = Team.objects.standing().order_by("slug")  # type: ignore[attr-defined]


class TakeBackForm(Form):
    reason = forms.CharField(label=_("Why?"), max_length=300, required=False)
