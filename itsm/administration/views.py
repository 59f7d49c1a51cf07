"""The page of settings."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import administrators
from itsm.administration import operations
from itsm.approvals.views import waits
from itsm.configuration.known import BY_NAME, OUTGOING_ALLOW
from itsm.configuration.models import Setting
from itsm.forms import Form
from itsm.ui.htmx import form_errors_from
from itsm.ui.settings_pages import settings_pages


class SettingForm(Form):
    """One setting: its value as people type it, empty for none of a list; or its default again."""

    value = forms.CharField(label=lazy("Value"), required=False, max_length=20_000)
    confirm = forms.BooleanField(label=lazy("Yes, let more be reached or trusted than before"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, setting: Setting, data: Any = None, also: str = "", **kwargs: Any) -> None:
        """`also`: a word that is offered beside those that a list holds."""
        known = setting.known
        typed = "\n".join(dict.fromkeys([*setting.effective, *also.split()])) if known.is_list else setting.effective
        kwargs["initial"] = {"value": typed, "version": setting.version}
        super().__init__(data, **kwargs)
        field = self.fields["value"]
        field.label, field.help_text = known.label, known.help
        field.unmarked = True  # type: ignore[attr-defined]
        if known.is_list:
            field.widget = forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"})
        elif known.kind is bool:
            self.fields["value"] = forms.BooleanField(label=known.label, required=False, initial=setting.effective)
        for name, each in self.fields.items():
            each.widget.attrs["id"] = f"id_{setting.name}_{name}"


@login_required
def settings(request: HttpRequest) -> HttpResponse:
    """Every setting with what holds, where it comes from, and a form; sent: the one that is named."""
    actor = actor_permitted(request, administrators, _("%(actor_name)s may not change settings."))
    rows = {one.name: one for one in Setting.objects.filter(name__in=list(BY_NAME))}
    also = {OUTGOING_ALLOW.name: request.GET.get("allow", "")[:260]}
    forms_by_name = {name: SettingForm(one, also=also.get(name, "")) for name, one in rows.items()}
    status = 200
    if request.method == "POST":
        setting = operations.setting_called(request.POST.get("name", ""))
        form = forms_by_name[setting.name] = SettingForm(setting, request.POST)
        status = 422
        if form.is_valid():
            with form_errors_from(form) as refused:
                said = form.cleaned_data
                kept = operations.set_setting(
                    setting, None if "default" in request.POST else said["value"], actor=actor,
                    version=said["version"], confirmed=said["confirm"],
                )  # fmt: skip
                if kept.awaits is not None:
                    return waits(request, kept.awaits)
                messages.success(request, _("It holds from now on, everywhere within a second."))
                return redirect("administration:settings")
            status = refused.status
    shown = [(one, forms_by_name[name], operations.shown(one.known, one.default)) for name, one in rows.items()]
    context = {
        "reach": [row for row in shown if row[0].known.is_list],
        "mail": [row for row in shown if row[0].name.startswith("email_")],
        "rest": [row for row in shown if not row[0].known.is_list and not row[0].name.startswith("email_")],
        "others": operations.has_other_administrators(actor),
        "groups": settings_pages(),
    }
    return render(request, "administration/settings.html", context, status=status)
