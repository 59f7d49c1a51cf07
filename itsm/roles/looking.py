"""Looking at the desk as a role or a person: begun and ended in the history of whoever looks."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm import lifecycle
from itsm.accounts import looking
from itsm.accounts.actors import actor_for, actor_permitted
from itsm.accounts.models import OwnRole, Role, User
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import NotFound, NotPermitted
from itsm.roles import permissions
from itsm.ui.htmx import redirect_after_write


@login_required
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Begin, with the rights of `as`: `role:agent`, `own:night-desk` or `person:bo`."""
    refused = _("Administrators and auditors look at the desk as somebody else.")
    actor = actor_permitted(request, permissions.viewers, refused)
    what = request.POST.get("as", "")[:200]
    label = _label(what)
    held = looking.held_by(what)
    if not looking.may_look(actor, held.roles, held.known.rights):
        raise NotPermitted(_("Auditors do not look as those who manage or administer: they would read more."))
    begin(request, actor, what, label)
    return redirect_after_write(request, "/")


@transaction.atomic
def begin(request: HttpRequest, actor: Actor, what: str, label: str) -> None:
    """Noted before anything is seen."""
    looks = looking.remember(request, what, label)
    account = User.objects.get(pk=actor.account_id)
    told = {"as": [None, what], "until": [None, looks.until.isoformat()]}
    lifecycle.announce(account, "looking", actor=actor, changes=told)


@login_required
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """One click, whatever became of the rights meanwhile."""
    looks = looking.looks_as(request)
    looking.forget(request)
    if looks is not None and isinstance(request.user, User):
        actor = actor_for(request.user, Door.WEB, request_id=getattr(request, "request_id", ""))
        lifecycle.announce(request.user, "looking_ended", actor=actor, changes={"as": [looks.what, None]})
        messages.info(request, _("You are yourself again."))
    return redirect_after_write(request, "/")


def _label(what: str) -> str:
    kind, _colon, name = what.partition(":")
    if kind == "role" and name in Role.values:
        return str(Role(name).label)
    if kind == "own" and (role := OwnRole.objects.standing().filter(slug=name).first()) is not None:
        return role.name
    if kind == "person" and (person := User.objects.filter(username=name, is_active=True).first()) is not None:
        return str(person)
    raise NotFound(_("There is no such role and no such person."))
