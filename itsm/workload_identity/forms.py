"""Issuers and mappings as people type them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.models import User
from itsm.forms import Form
from itsm.workload_identity.models import MAX_ISSUER

_ADDRESS = {"class": "mono", "spellcheck": "false", "inputmode": "url", "list": "known-issuers"}


class IssuerForm(Form):
    name = forms.CharField(label=lazy("Name"), max_length=80)
    issuer = forms.CharField(
        label=lazy("Issuer"), max_length=MAX_ISSUER, widget=forms.TextInput(attrs=_ADDRESS),
        help_text=lazy("To the letter as its tokens say it (iss); its keys are read from there."),
    )  # fmt: skip


class MappingForm(Form):
    """`claims`: one a line, name = value."""

    claims: Any = forms.CharField(
        label=lazy("Claims of its token"), max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5, "class": "mono", "spellcheck": "false"}),
        help_text=lazy(
            "One a line, such as repository = acme/checkout; all of them have to be made. A value may end in *. One "
            "line says in full which repository it is."
        ),
    )  # fmt: skip
    account: Any = forms.ModelChoiceField(
        label=lazy("Service account"), queryset=None, to_field_name="username",
        help_text=lazy("As whom it asks the gate. Its owner counts as whoever asked."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programs = User.objects.filter(is_active=True, account_type=User.AccountType.SERVICE)
        self.fields["account"].queryset = programs.order_by("username")  # type: ignore[attr-defined]

    def clean_claims(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["claims"].splitlines())):
            name, mark, value = (part.strip() for part in line.partition("="))
            if not mark or not name or name in found:
                raise ValidationError(
                    _("“%(line)s” is not of the form name = value, or said twice.") % {"line": line[:80]}
                )
            found[name] = value
        return found


def as_lines(claims: dict[str, str]) -> str:
    """Claims as the form takes them."""
    return "\n".join(f"{name} = {value}" for name, value in claims.items())
