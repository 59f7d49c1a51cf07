"""The page that takes a table of services: shown as a plan first, kept when that is confirmed."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from catalog.service_import.formats import MAX_BYTES
from catalog.service_import.operations import ImportPlan, import_services
from catalog.services import permissions
from itsm.accounts.actors import actor_of
from itsm.accounts.permissions import administrators
from itsm.forms import Form
from itsm.kernel.errors import NotPermitted

EXAMPLE = """name,team,owner,criticality,dependencies,description
Checkout,Payments,,1,Ledger; 1/Card gateway A|Card gateway B,Takes the money
Ledger,Payments,,1,,Books
Card gateway A,Payments,,2,,
Card gateway B,Payments,,2,,
"""


class TableForm(Form):
    """A file, or the same as text."""

    file = forms.FileField(label=lazy("A CSV file"), required=False)
    table = forms.CharField(
        label=lazy("Or the table itself"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "class": "mono", "spellcheck": "false"}),
    )  # fmt: skip
    create_teams = forms.BooleanField(label=lazy("Make the teams that are not there yet"), required=False)

    def content(self) -> bytes | str:
        """What was sent: the file, where there is one."""
        file, table = self.cleaned_data.get("file"), str(self.cleaned_data["table"])
        return bytes(file.read(MAX_BYTES + 1)) if file else table


@login_required
def import_table(request: HttpRequest) -> HttpResponse:
    """`keep` in the form brings it in; without it, what would happen is shown."""
    actor = actor_of(request)
    if not permissions.service_authors(actor):
        raise NotPermitted(_("%(actor_name)s may not add services.") % {"actor_name": actor.name})
    plan: ImportPlan | None = None
    form = TableForm(request.POST or None, request.FILES or None, initial={"create_teams": administrators(actor)})
    text = ""
    if request.method == "POST" and form.is_valid():
        content = form.content()
        text = content.decode("utf-8-sig", "replace") if isinstance(content, bytes) else content
        plan = import_services(
            content, actor=actor, dry_run="keep" not in request.POST, create_teams=form.cleaned_data["create_teams"]
        )
        if plan.written:
            words = {"made": plan.number("create"), "changed": plan.number("update")}
            messages.success(request, _("%(made)d services are new, %(changed)d are changed.") % words)
            return redirect(_next(request))
    context = {
        "form": form, "plan": plan, "text": text, "example": EXAMPLE, "may_make_teams": administrators(actor),
        "next": request.POST.get("next", request.GET.get("next", "")),
    }  # fmt: skip
    status = 200 if plan is None or plan.is_clean else 422
    return render(request, "catalog/service_import/import.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """The set-up, where one came from there."""
    return "/setup/" if request.POST.get("next") == "setup" else "catalog:list"
