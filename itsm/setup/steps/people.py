"""Who works here: teams and people."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from itsm.accounts import operations as accounts
from itsm.accounts.models import Team, User
from itsm.setup.facts import PEOPLE
from itsm.setup.forms import (
    PersonForm,
    TeamForm,
)
from itsm.setup.steps import SHOWN
from itsm.setup.views import setter, stepped
from itsm.ui.htmx import form_errors_from, posted


@login_required
def people(request: HttpRequest) -> HttpResponse:
    actor = setter(request)
    sent = posted(request)
    team = TeamForm(sent if sent and "team_name" in sent else None)
    person = PersonForm(sent if sent and "username" in sent else None)
    status = 200 if sent is None else 422
    if team.is_bound and team.is_valid():
        with form_errors_from(team) as refused:
            made = accounts.add_team(actor=actor, slug=team.slug(), name=team.cleaned_data["team_name"])
            messages.success(request, _("The team %(name)s is there.") % {"name": made.name})
            return redirect("setup:people")
        status = refused.status
    if person.is_bound and person.is_valid() and _has_good_password(person):
        with form_errors_from(person) as refused:
            added = accounts.add_user(actor=actor, **person.said())
            messages.success(request, _("%(name)s is there.") % {"name": added})
            return redirect("setup:people")
        status = refused.status
    context = {
        "team_form": team, "form": person, "teams": Team.objects.all()[:50],
        "newest": User.objects.filter(account_type=User.AccountType.HUMAN).order_by("-id")[:SHOWN],
    }  # fmt: skip
    return stepped(request, PEOPLE, "setup/people.html", context, status)


def _has_good_password(form: PersonForm) -> bool:
    said = form.cleaned_data["password"]
    if said:
        try:
            validate_password(said, User(username=form.cleaned_data["username"], name=form.cleaned_data["name"]))
        except ValidationError as error:
            form.add_error("password", error)
    return not form.errors
