"""What administrators do for many at once: bringing people in from a file, and lifting locks."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from itsm.accounts.models import Role, User
from itsm.accounts.operations.importing import Import, import_people
from itsm.accounts.operations.lockouts import lift
from itsm.accounts.queries.lockouts import Lockout, lockouts
from itsm.people.forms.people import PeopleTableForm
from itsm.people.templatetags.people import role_name
from itsm.people.views.people import keeper_of, tabs
from itsm.ui.htmx import form_errors_from, redirect_after_write
from itsm.ui.imports import PlanLine, PlanShown

_EXAMPLE = """name,email,roles,teams,leads,manager
Ada Lovelace,ada@shop.example,engineer,Payments,Payments,
Erin Sund,erin@shop.example,engineer; approver,"Payments, Web shop",,ada@shop.example
"""
_COLUMNS = (
    ("name", _lazy("as people say it")),
    ("login", _lazy("with it they sign in; made from the address where it is not said")),
    ("email", _lazy("known by it, too; either this or the login is needed")),
    ("roles", None),
    ("own_roles", _lazy("roles that this desk made itself: slugs or names")),
    ("teams", _lazy("or department: names or slugs, with commas or semicolons")),
    ("leads", _lazy("those of the teams that the person leads")),
    ("manager", _lazy("login or address of the person they report to")),
    ("location", _lazy("slug or name of the place where they work, which is there already")),
    ("time_zone", _lazy("such as Europe/Oslo; UTC where it is not said")),
)
_LABELS = {
    "name": _lazy("Name"), "email": _lazy("E-mail"), "roles": _lazy("Roles"), "teams": _lazy("Teams"),
    "own_roles": _lazy("Own roles"),
    "leads": _lazy("Leads"), "manager": _lazy("Manager"), "location": _lazy("Location"),
    "time_zone": _lazy("Time zone"),
}  # fmt: skip


@login_required
def bring_in(request: HttpRequest) -> HttpResponse:
    """A table is tried first, and kept when its preview is confirmed."""
    actor = keeper_of(request)
    sent = request.method == "POST"
    form = PeopleTableForm(
        request.POST if sent else None, request.FILES if sent else None, initial={"create_teams": True}
    )
    plan: PlanShown | None = None
    text, not_in, status = "", 0, 200 if request.method == "GET" else 422
    if sent and form.is_valid():
        text = form.cleaned_data["table"]
        with form_errors_from(form) as refused:
            found = import_people(
                text,
                actor=actor,
                keep="keep" in request.POST,
                send_invitations=form.cleaned_data["invite"],
                create_teams=form.cleaned_data["create_teams"],
            )
            plan, not_in = _shown(found, form), _not_in(found)
            if found.kept:
                _say(request, found)
        status = refused.status if plan is None else 200 if plan.is_clean else 422
        if plan is not None and plan.is_kept:
            form = PeopleTableForm(initial={"create_teams": form.cleaned_data["create_teams"], "invite": True})
    context = {
        "form": form, "plan": plan, "text": text, "example": _EXAMPLE, "columns": _columns(), "may_make_teams": True,
        "not_in": not_in, "next": request.POST.get("next", request.GET.get("next", "")), **tabs(actor, "import"),
    }  # fmt: skip
    return render(request, "people/import.html", context, status=status)


def _columns() -> list[tuple[str, object]]:
    """The columns of the table with what they hold; of the roles, all that there are."""
    roles = ", ".join(Role.values)
    every = _("%(roles)s, or their names for people; requester where none is said") % {"roles": roles}
    return [(name, sentence if sentence is not None else every) for name, sentence in _COLUMNS]


def _shown(found: Import, form: PeopleTableForm) -> PlanShown:
    lines = [
        PlanLine(
            one.line.number, one.line.name or one.line.login, one.line.login, one.action, one.wrong,
            [(_LABELS[what], _told(what, before), _told(what, after)) for what, (before, after) in one.changes.items()],
            one.link if found.kept else "",
        )
        for one in found.results
    ]  # fmt: skip
    hidden = {name: "on" for name in ("create_teams", "invite") if form.cleaned_data[name]}
    return PlanShown(lines, found.numbers, [], found.new_teams, found.kept, hidden)


def _told(what: str, said: str) -> str:
    """A cell as people read it."""
    return ", ".join(role_name(one) for one in said.split(", ")) if what == "roles" and said else said


def _not_in(found: Import) -> int:
    """How many of the file have neither a password nor an invitation."""
    if not found.kept:
        return 0
    people = User.objects.filter(username__in=[one.line.login for one in found.results], is_active=True)
    return sum(not one.may_sign_in and one.invited_at is None for one in people)


def _say(request: HttpRequest, found: Import) -> None:
    sentence = ngettext("%(count)s person came in.", "%(count)s people came in.", found.number("create"))
    messages.success(request, sentence % {"count": found.number("create")})


@login_required
def locked(request: HttpRequest) -> HttpResponse:
    actor = keeper_of(request)
    rows = [Lockout.of(row) for row in lockouts()[:200]]
    return render(request, "people/locked.html", {"rows": rows, **tabs(actor, "locked")})


@login_required
@require_POST
def lift_lock(request: HttpRequest, number: int) -> HttpResponse:
    actor = keeper_of(request)
    row = lockouts().filter(pk=number).first()
    if row is None:
        raise Http404
    found = Lockout.of(row)
    lift(found, actor=actor)
    words = {"login": found.login, "address": found.address}
    messages.success(request, _("%(login)s may try again from %(address)s.") % words)
    return redirect_after_write(request, reverse("accounts:locked"))
