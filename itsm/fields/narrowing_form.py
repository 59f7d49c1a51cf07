"""What an administrator types to make a field tighter in a set that inherits it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.fields import rules
from itsm.fields.editor import RULE, rule_input, rules_said
from itsm.fields.models import Field, Narrowing
from itsm.fields.vocabulary import WITH_OPTIONS, Required
from itsm.forms import Form


class NarrowingForm(Form):
    """All that is asked beyond what is inherited; what is left empty is as inherited."""

    required = forms.ChoiceField(
        label=_("Required"), choices=Required.choices, initial=Required.NEVER.value,
        help_text=_("Never: as it is inherited."),
    )  # fmt: skip
    recommended = forms.BooleanField(label=_("Recommended: health tells where it is empty"), required=False)
    options = forms.MultipleChoiceField(
        label=_("May be chosen"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("None marked: all that may be chosen above."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, inherited: Field, stood: Narrowing | None, *args: Any, **kwargs: Any) -> None:
        """`inherited`: the field as the set above has it; `stood`: what is asked beyond it now."""
        begin: dict[str, Any] = {"version": inherited.version}
        if stood is not None:
            typed = {RULE + name: " ".join(one) if isinstance(one, list) else one for name, one in stood.rules.items()}
            begin |= {"required": stood.required, "recommended": stood.recommended, "options": stood.options, **typed}
        kwargs["initial"] = begin
        super().__init__(*args, **kwargs)
        for name in rules.known(inherited.type):
            self.fields[RULE + name] = rule_input(name, inherited.type)
            if name in inherited.rules:
                self.fields[RULE + name].help_text = _("Inherited: %(value)s") % {"value": inherited.rules[name]}
        if inherited.type in WITH_OPTIONS:
            offered = self.fields["options"]
            assert isinstance(offered, forms.MultipleChoiceField)  # noqa: S101 -- for the type checker
            offered.choices = [(one.key, one.label) for one in inherited.options.all() if one.retired_at is None]
        else:
            del self.fields["options"]

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        plain = {name: value for name, value in self.cleaned_data.items() if not name.startswith(RULE)}
        return {**plain, "rules": rules_said(self.cleaned_data), "options": plain.get("options") or None}
