"""Pages of accounts: the list, the record, its form, leaving and coming back, and what somebody may do."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts import operations, permissions
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.looking import held_by, may_look
from itsm.accounts.models import Team, User
from itsm.accounts.queries import listing
from itsm.accounts.queries.departures import departure
from itsm.accounts.queries.lockouts import lockouts
from itsm.accounts.rights import tables
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import NotPermitted
from itsm.people.api.rights import rights_of
from itsm.people.filters import PersonFilter
from itsm.people.forms.people import LeavingForm, MergePersonForm, PersonForm, as_typed
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.paging import at_most, paged

_ORDER = ("username",)


def keeper_of(request: HttpRequest) -> Actor:
    """The actor, or NotPermitted for who does not keep people."""
    return actor_permitted(request, permissions.people_keepers, _("%(actor_name)s may not manage accounts."))


def colleague_of(request: HttpRequest) -> Actor:
    """The actor, or NotPermitted for who only requests."""
    return actor_permitted(request, permissions.colleagues, _("%(actor_name)s may not see who works here."))


def tabs(actor: Actor, here: str) -> dict[str, Any]:
    """What stands under the heading of every list here."""
    keeps = permissions.people_keepers(actor)
    return {"here": here, "keeps": keeps, "locked": lockouts().count() if keeps else 0}


@login_required
def people(request: HttpRequest) -> HttpResponse:
    """Active accounts, unless another state is asked for."""
    actor = colleague_of(request)
    given = request.GET.copy()
    given.setdefault("active", "true")
    chosen = PersonFilter(given, queryset=listing.people(actor), request=request)
    context = {
        "filter": chosen,
        "page": paged(chosen.qs, request.GET, _ORDER),
        "count": at_most(chosen.qs),
        "teams": Team.objects.standing(),
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
        **tabs(actor, "people"),
    }
    return render(request, "people/list.html", context)


def _found(request: HttpRequest, login: str) -> tuple[Actor, User]:
    actor = colleague_of(request)
    return actor, get_object_or_404(listing.people(actor), username__iexact=login)


@login_required
def person(request: HttpRequest, login: str) -> HttpResponse:
    actor, found = _found(request, login)
    return _record(request, actor, found)


def _may_look_as(actor: Actor, found: User) -> bool:
    """Administrators as anybody, without asking what that one may."""
    if may_look(actor, frozenset(Role)) or not may_look(actor, frozenset()):
        return may_look(actor, frozenset(Role))
    held = held_by(f"person:{found.username}")
    return may_look(actor, held.roles, held.known.rights)


def _record(request: HttpRequest, actor: Actor, found: User, link: str = "") -> HttpResponse:
    keeps = permissions.people_keepers(actor)
    context = {
        "person": found,
        "keeps": keeps,
        "sees_addresses": permissions.address_readers(actor, found),
        "sees_rights": permissions.rights_readers(actor, found),
        "programs": found.service_accounts.order_by("username"),
        "reports": found.reports.filter(is_active=True).order_by("username"),
        "locks": [one for one in lockouts() if one.username == found.username.casefold()] if keeps else [],
        "events": activity(found, timeline(found), []) if keeps else [],
        "invitation_link": link,
        "may_look": found.is_active and found.pk != actor.id and _may_look_as(actor, found),
    }
    return render(request, "people/detail.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """A person, or with ?program=1 a service account."""
    actor, program = keeper_of(request), bool(request.GET.get("program"))
    form = PersonForm(posted(request), program=program, initial={"owner": actor.id})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            return _made(request, actor, form, program)
        status = refused.status
    return render(request, "people/form.html", {"form": form, "program": program}, status=status)


def _made(request: HttpRequest, actor: Actor, form: PersonForm, program: bool) -> HttpResponse:
    account_type = User.AccountType.SERVICE if program else User.AccountType.HUMAN
    made = operations.add_user(
        actor=actor, username=form.cleaned_data["login"], account_type=account_type, **form.description_of_it()
    )
    if not form.cleaned_data.get("invite"):
        return redirect_after_write(request, made.get_absolute_url())
    return _invited(request, actor, made)


def _invited(request: HttpRequest, actor: Actor, person: User) -> HttpResponse:
    """The link is shown on the answer itself, this once, where no mail carries it."""
    send = operations.send_reset if person.may_sign_in else operations.invite
    link = send(person, actor=actor)
    if not link:
        messages.success(request, _("A link is on its way to %(email)s.") % {"email": person.email})
        return redirect_after_write(request, person.get_absolute_url())
    return _record(request, actor, listing.people(actor).get(pk=person.pk), link)


@login_required
@require_POST
def invite(request: HttpRequest, login: str) -> HttpResponse:
    actor = keeper_of(request)
    return _invited(request, actor, _found(request, login)[1])


@login_required
def edit(request: HttpRequest, login: str) -> HttpResponse:
    actor = keeper_of(request)
    found = _found(request, login)[1]
    program = not found.is_human
    sent = posted(request)
    form = PersonForm(sent, program=program, account=found, initial=as_typed(found))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            kept = operations.edit_person(found, actor=actor, **form.changes_to_it())
            return redirect_after_write(request, kept.get_absolute_url())
        status = refused.status
    return render(request, "people/form.html", {"form": form, "person": found, "program": program}, status=status)


@login_required
def deactivate(request: HttpRequest, login: str) -> HttpResponse:
    """What would end and be orphaned, and the question whether to do it."""
    actor = keeper_of(request)
    found = _found(request, login)[1]
    form = LeavingForm(posted(request), person=found)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.deactivate(found, actor=actor, **form.cleaned_data)
            messages.success(request, _("%(person)s is deactivated.") % {"person": found})
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    context = {"form": form, "person": found, "departure": departure(found), "is_me": actor.id == found.pk}
    return render(request, "people/deactivate.html", context, status=status)


@login_required
def merge(request: HttpRequest, login: str) -> HttpResponse:
    """First which account is the same person, then what a merge would do, and the question whether to do it."""
    actor = keeper_of(request)
    found = _found(request, login)[1]
    sent = posted(request)
    form = MergePersonForm(sent if sent is not None else request.GET or None, person=found)
    into, status = None, 200 if request.method == "GET" else 422
    if form.is_valid():
        into = form.cleaned_data["into"]
        if request.method == "POST":
            with form_errors_from(form) as refused:
                operations.merge_people(found, actor=actor, **form.cleaned_data)
                messages.success(request, _("%(person)s and %(into)s are one.") % {"person": found, "into": into})
                return redirect_after_write(request, into.get_absolute_url())
            status = refused.status
    preview = operations.merge_preview(found, into=into, actor=actor) if into is not None else None
    context = {"form": form, "person": found, "into": into, "preview": preview}
    return render(request, "people/merge.html", context, status=status)


@login_required
@require_POST
def reactivate(request: HttpRequest, login: str) -> HttpResponse:
    actor = keeper_of(request)
    found = operations.reactivate(_found(request, login)[1], actor=actor)
    messages.success(request, _("%(person)s is active again.") % {"person": found})
    return redirect_after_write(request, found.get_absolute_url())


@login_required
def rights(request: HttpRequest, login: str) -> HttpResponse:
    """What somebody may do, and why."""
    actor = actor_of(request)
    found = get_object_or_404(listing.people(actor), username__iexact=login)
    if not permissions.rights_readers(actor, found):
        raise NotPermitted(_("What somebody may do is shown to themselves, to auditors and to administrators."))
    titles = {record: str(table.title).capitalize() for record, table in tables().items()}
    shown = rights_of(found)
    steps = [{**one, "record_title": titles[one["record"]]} for one in shown["steps"]]
    context = {"person": found, "rights": {**shown, "steps": steps}, "is_me": actor.id == found.pk}
    return render(request, "people/rights.html", context)


def mine(request: HttpRequest) -> str:
    """The address of one's own rights."""
    return reverse("accounts:rights", args=[request.user.get_username()])
