"""The page that takes a table of services: shown as a plan first, kept when that is confirmed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from catalog.service_import.operations import ImportPlan, import_services
from catalog.services import permissions
from catalog.services.vocabulary import Tier
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import administrators
from itsm.ui.htmx import posted
from itsm.ui.imports import PlanLine, PlanShown, TableForm

EXAMPLE = """name,team,owner,criticality,dependencies,description
Checkout,Payments,,1,Ledger; 1/Card gateway A|Card gateway B,Takes the money
Ledger,Payments,,1,,Books
Card gateway A,Payments,,2,,
Card gateway B,Payments,,2,,
"""


_COLUMNS = (
    ("name", lazy("as people say it; the only one that is needed")),
    ("slug", lazy("its key; made from the name. What is there by it is changed")),
    ("team", lazy("name or slug of the owner team")),
    ("owner", lazy("user name or e-mail of a person")),
    ("criticality", lazy("1 to 4, or critical, important, supporting, background")),
    ("dependencies", lazy("other services, with semicolons; 1/A|B: one of both is enough")),
    ("description", lazy("what it is for")),
)
_LABELS = {
    "name": lazy("Name"), "tier": lazy("Tier"), "team": lazy("Owner team"), "owner": lazy("Owner"),
    "description": lazy("Description"), "depends_on": lazy("Depends on"),
}  # fmt: skip


@login_required
def import_table(request: HttpRequest) -> HttpResponse:
    """`keep` in the form brings it in; without it, what would happen is shown."""
    actor = actor_permitted(request, permissions.service_authors, _("%(actor_name)s may not add services."))
    plan: ImportPlan | None = None
    form = TableForm(posted(request), request.FILES or None, initial={"create_teams": administrators(actor)})
    text, status = "", 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["table"]
        plan = import_services(
            text, actor=actor, dry_run="keep" not in request.POST, create_teams=form.cleaned_data["create_teams"]
        )
        if plan.written:
            _say(request, plan)
            return redirect(_next(request))
        status = 200 if plan.is_clean else 422
    context = {
        "form": form, "plan": _shown(plan, form) if plan else None, "text": text, "example": EXAMPLE,
        "columns": _COLUMNS, "may_make_teams": administrators(actor),
        "next": request.POST.get("next", request.GET.get("next", "")),
    }  # fmt: skip
    return render(request, "catalog/service_import/import.html", context, status=status)


def _say(request: HttpRequest, plan: ImportPlan) -> None:
    made, changed = plan.number("create"), plan.number("update")
    words = [ngettext("%(count)d service came in.", "%(count)d services came in.", made) % {"count": made}]
    if changed:
        words.append(ngettext("%(count)d was changed.", "%(count)d were changed.", changed) % {"count": changed})
    messages.success(request, " ".join(words))


def _shown(plan: ImportPlan, form: TableForm) -> PlanShown:
    lines = [
        PlanLine(
            row.line, row.name, row.slug, row.action, row.problems,
            [(_LABELS[what], _told(what, before), _told(what, after)) for what, (before, after) in row.changes.items()],
        )
        for row in plan.rows
    ]  # fmt: skip
    hidden = {"create_teams": "on"} if form.cleaned_data["create_teams"] else {}
    return PlanShown(lines, plan.numbers, plan.problems, plan.new_teams, plan.written, hidden)


def _told(what: str, said: str) -> str:
    """A cell as people read it."""
    return str(Tier(int(said)).label) if what == "tier" and said else said


def _next(request: HttpRequest) -> str:
    """The set-up, where one came from there."""
    return "/setup/" if request.POST.get("next") == "setup" else "catalog:list"
