"""An own role as it is made and edited."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import OwnRole
from itsm.accounts.named_rights import named_rights
from itsm.forms import Form
from itsm.roles.operations import MAX_DESCRIPTION, MAX_NAME


class RoleForm(Form):
    """`rights` are drawn by the page, in groups."""

    name = forms.CharField(
        label=_("Name"), max_length=MAX_NAME, help_text=_("What people call it, such as Night desk.")
    )
    description = forms.CharField(
        label=_("What it is for"), max_length=MAX_DESCRIPTION, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    rights = forms.MultipleChoiceField(
        label=_("Rights"),
        choices=lambda: [(name, one.title) for name, one in named_rights().items()],
        error_messages={"required": _("A role holds at least one right.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, role: OwnRole | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if role is None:
            self.fields.pop("version")

    @property
    def chosen(self) -> set[str]:
        """The rights that are ticked."""
        said = self["rights"].value() or []
        return {str(one) for one in said}


def as_typed(role: OwnRole) -> dict[str, Any]:
    """What the form of a role begins with."""
    return {"name": role.name, "description": role.description, "rights": role.rights, "version": role.version}
