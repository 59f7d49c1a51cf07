"""Shapes of what is said of rules of retention."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from itsm.forms import Form
from itsm.retention.models import MOST_MONTHS, RetentionRule
from itsm.work.retention import offered


class HoldForm(Form):
    """A legal hold to place. `reference`: of one record; empty: every record of the kind."""

    record_kind = forms.ChoiceField(label=_("What"))
    reference = forms.CharField(
        label=_("Which"), max_length=150, required=False, help_text=_("INC-00042; empty: all of them")
    )
    reason = forms.CharField(label=_("Why they must be kept"), max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["record_kind"].choices = [  # type: ignore[attr-defined]
            (kind, str(kept.words)) for kind, kept in offered().items()
        ]


class NewRuleForm(Form):
    """A rule to write. `what`: a kind, and behind a colon one of its categories."""

    what = forms.ChoiceField(label=_("What"))
    months = forms.IntegerField(label=_("Older than (months)"), min_value=1, max_value=MOST_MONTHS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = []
        for kind, kept in offered().items():
            choices.append((f"{kind}:0", str(kept.words)))
            choices += [(f"{kind}:{pk}", f"{kept.words}: {words}") for pk, words in kept.categories()]
        self.fields["what"].choices = choices  # type: ignore[attr-defined]

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        kind, _colon, category = self.cleaned_data["what"].partition(":")
        return {"record_kind": kind, "category": int(category), "months": self.cleaned_data["months"]}


class RuleForm(Form):
    """One rule. `do`: what is wanted of it."""

    do = forms.ChoiceField(choices=[("save", ""), ("on", ""), ("off", ""), ("delete", "")])
    months = forms.IntegerField(label=_("Older than (months)"), min_value=1, max_value=MOST_MONTHS)
    export_first = forms.BooleanField(label=_("Export first: the command takes them, not the night"), required=False)
    confirm = forms.BooleanField(label=_("Yes, what goes does not come back"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, data: Any = None, *, rule: RetentionRule, **kwargs: Any) -> None:
        kept = {name: getattr(rule, name) for name in ("months", "export_first", "version")}
        super().__init__(data, **{**kwargs, "initial": kept, "auto_id": f"id_{rule.pk}_%s"})
        if rule.kept.export is None:
            del self.fields["export_first"]

    def said(self) -> dict[str, Any]:
        """As the operation takes it."""
        told: dict[str, Any] = dict(self.cleaned_data)
        said = {name: value for name, value in told.items() if name in ("months", "export_first")}
        active = {"on": True, "off": False}.get(self.cleaned_data["do"])
        return said if active is None else {**said, "active": active}
