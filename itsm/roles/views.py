"""Settings, roles: built-in ones to read, own ones to make, and what a change of one would do."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.accounts.looking import held_by, may_look
from itsm.accounts.models import OwnRole, Role
from itsm.accounts.step_up import ask_proof, prove
from itsm.administration.operations import has_other_administrators
from itsm.approvals.models import Confirmation
from itsm.approvals.views import waits
from itsm.audit.recording import timeline
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.roles import operations, permissions, queries
from itsm.roles.forms import RoleForm, as_typed
from itsm.ui.activity import activity
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted, word_posted


@login_required
def roles(request: HttpRequest) -> HttpResponse:
    """Own roles first, then the built-in ones with what each may."""
    actor = _reader(request)
    numbers = queries.numbers_of_holders()
    own = [(one, numbers.get(one.slug, 0)) for one in OwnRole.objects.order_by("retired_at", "name")]
    built_in = [(one.value, str(one.label), len(queries.rights_of_built_in(one.value))) for one in Role]
    context = {"own": own, "built_in": built_in, "may_keep": permissions.keepers(actor)}
    return render(request, "roles/list.html", context)


@login_required
def role(request: HttpRequest, slug: str) -> HttpResponse:
    """One own role: its rights, who holds it, how it differs from another."""
    actor = _reader(request)
    found = _role(slug)
    held = queries.holders(found)
    context = {
        "role": found,
        "groups": queries.in_groups(found.rights),
        "holders": list(held[:100]),
        "number": held.count(),
        "may_keep": permissions.keepers(actor) and not found.is_retired,
        "may_look": _may_look(actor, f"own:{found.slug}"),
        "waiting": list(Confirmation.objects.waiting().filter(action=operations.WIDEN, record_id=found.pk)),
        "events": activity(found, timeline(found), []),
        **_compared(request, f"own:{found.slug}"),
    }
    return render(request, "roles/detail.html", context)


@login_required
def built_in(request: HttpRequest, name: str) -> HttpResponse:
    """What a built-in role may of what own roles can hold; it also decides, where nothing of it can be given away."""
    actor = _reader(request)
    if name not in Role.values:
        raise NotFound(_("There is no such role."))
    context = {
        "name": name,
        "label": Role(name).label,
        "may_look": _may_look(actor, f"role:{name}"),
        "groups": queries.in_groups(queries.rights_of_built_in(name)),
        **_compared(request, name),
    }
    return render(request, "roles/built_in.html", context)


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Make one; `?from=` begins with what another role may."""
    actor = _keeper(request)
    like = queries.role_called(request.GET.get("from", ""))
    form = RoleForm(posted(request), initial={"rights": sorted(like.rights)} if like else {})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made = operations.make_role(actor=actor, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Nobody holds it yet: give it to people on their pages."))
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "roles/form.html", {"form": form, **_drawn(form), "like": like}, status=status)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """Change one: first who gains and loses what, then it is kept."""
    actor = _keeper(request)
    found = _role(slug)
    form = RoleForm(posted(request), role=found, initial=as_typed(found))
    alone = not has_other_administrators(actor)
    if alone:
        ask_proof(form, actor, required=False)
    status, touched = 200, None
    if request.method == "POST":
        status = 422
        if form.is_valid() and word_posted(request, "how", "preview", "save") == "preview":
            touched = queries.who_is_touched(found, form.cleaned_data["rights"])
            status = 200
        elif form.is_valid():
            with form_errors_from(form) as refused:
                return _kept(request, actor, found, form)
            status = refused.status
    context = {"form": form, "role": found, "touched": touched, "alone": alone, **_drawn(form, found)}
    return render(request, "roles/form.html", context, status=status)


def _kept(request: HttpRequest, actor: Actor, found: OwnRole, form: RoleForm) -> HttpResponse:
    words = dict(form.cleaned_data)
    proven = prove(request, actor, words)
    kept = operations.edit_role(found, actor=proven, at=timezone.now(), **words)
    if kept.awaits is not None:
        return waits(request, kept.awaits)
    messages.success(request, _("It holds from now on."))
    return redirect_after_write(request, kept.get_absolute_url())


@login_required
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    actor = _keeper(request)
    found = _role(slug)
    if request.method == "POST":
        operations.retire_role(found, actor=actor, version=version_posted(request), at=timezone.now())
        messages.success(request, _("It gives nobody anything any more."))
        return redirect_after_write(request, found.get_absolute_url())
    return render(request, "roles/retire.html", {"role": found, "number": queries.holders(found).count()})


def _drawn(form: RoleForm, role: OwnRole | None = None) -> dict[str, Any]:
    """The rights in groups, each with whether it is ticked, held already, and who may the same anyway."""
    held_by, chosen = queries.held_by_built_in(), form.chosen
    now = set(role.rights) if role is not None else set()
    return {
        "groups": [
            (
                group.name,
                [
                    (one, one.name in chosen, one.name in now, [r for r in Role.values if r in held_by[one.name]])
                    for one in group.rights
                ],
            )
            for group in queries.in_groups()
        ]
    }


def _compared(request: HttpRequest, key: str) -> dict[str, Any]:
    """The difference to `?with=`, where one is chosen."""
    here, there = queries.role_called(key), queries.role_called(request.GET.get("with", ""))
    found = queries.difference(here.rights, there.rights) if here and there else None
    others = [one for one in queries.all_roles() if one[0] != key]
    return {"other": there, "difference": found, "others": others}


def _role(slug: str) -> OwnRole:
    found = OwnRole.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound(_("There is no such role."))
    return found


def _may_look(actor: Actor, what: str) -> bool:
    held = held_by(what)
    return may_look(actor, held.roles, held.known.rights)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.readers, _("What roles may is for administrators and auditors."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.keepers, _("Administrators, people, keep roles."))
