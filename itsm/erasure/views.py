"""The page of an erasure: what would be masked, the legal hold, and the question whether to do it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from itsm.accounts.actors import actor_of, actor_permitted
from itsm.accounts.models import User
from itsm.accounts.naming import sealed_tables
from itsm.accounts.permissions import administrators
from itsm.accounts.queues import rights_in_queues
from itsm.accounts.step_up import ask_proof, prove, require_proof
from itsm.erasure import exporting, operations, queries
from itsm.erasure.models import PersonExport
from itsm.forms import Form
from itsm.kernel.errors import DomainError, NotFound
from itsm.ui.htmx import form_errors_from, posted


class ErasureForm(Form):
    """`do`: what is wanted. `login`: typed once more by whoever erases. `reason`: of a legal hold."""

    do = forms.ChoiceField(choices=[("erase", ""), ("hold", ""), ("lift", "")])
    login = forms.CharField(label=gettext_lazy("Type the user name to confirm"), max_length=150, required=False)
    reason = forms.CharField(label=gettext_lazy("Why they must be kept"), max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("login", "reason"):  # each is needed by its own button, which the operation says
            self.fields[name].unmarked = True  # type: ignore[attr-defined]


@login_required
def person(request: HttpRequest, login: str) -> HttpResponse:
    """Preview, hold and erasure of one person, for administrators."""
    actor = actor_permitted(request, administrators, _("%(actor_name)s may not erase people."))
    found = get_object_or_404(User, username__iexact=login)
    form = ErasureForm(posted(request))
    ask_proof(form, actor, required=False)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("erasure:person", _done(request, found, form.cleaned_data))
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
            status = refusal.status
    sealed = sorted(set(sealed_tables().values()))
    # Rows are counted over all queues: whoever does not see each of them is not told how many there are.
    counts_all = not rights_in_queues(actor).hidden
    preview = queries.preview(found, counted=counts_all)
    context = {
        "form": form, "person": found, "preview": preview, "counts_all": counts_all, "sealed": sealed,
        "under_way": preview.erased and not preview.erased.ended_at,
    }  # fmt: skip
    return render(request, "erasure/person.html", context, status=status)


def _done(request: HttpRequest, found: User, said: dict[str, Any]) -> str:
    """Do what was asked; the user name afterwards."""
    actor = actor_of(request)
    if said["do"] == "hold":
        operations.hold(found, actor=actor, reason=said["reason"])
        messages.success(request, _("A legal hold keeps their names."))
    elif said["do"] == "lift":
        operations.lift_hold(found, actor=actor)
        messages.success(request, _("The legal hold is lifted."))
    else:
        operations.require_named(found, said["login"])
        made = operations.begin(found, actor=prove(request, actor, said))
        operations.go_on(found.pk, timezone.now(), operations.AT_ONCE)  # the rest goes by itself
        made.refresh_from_db()
        if made.ended_at is None:
            messages.info(request, _("Begun: it goes on by itself, and this page says how far it is."))
            return found.username
        messages.success(request, _("Erased: %(mask)s stands where the names stood.") % {"mask": made})
        return str(made)
    return found.username


@login_required
def export(request: HttpRequest, login: str) -> HttpResponse:
    """Everything that is kept about a person, as a file: asked for with the password, then fetched here."""
    actor = actor_permitted(request, administrators, _("%(actor_name)s may not export people."))
    found = get_object_or_404(User, username__iexact=login)
    form, status = Form(posted(request)), 200
    ask_proof(form, actor)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            with form_errors_from(form) as refused:
                exporting.begin(found, actor=prove(request, actor, form.cleaned_data))
                return redirect("erasure:export", found.username)
            status = refused.status
    made = PersonExport.objects.filter(user=found).first()
    return render(request, "erasure/export.html", {"form": form, "person": found, "made": made}, status=status)


@login_required
def fetch(request: HttpRequest, login: str, pk: str) -> HttpResponseBase:
    """The file, for who asked for it, as it holds what they may see, and has just said who they are."""
    actor = actor_permitted(request, administrators, _("%(actor_name)s may not export people."))
    made = get_object_or_404(
        PersonExport.objects.exclude(name=""), pk=pk, user__username__iexact=login, ended_at__isnull=False, by=actor.id
    )
    require_proof(actor, doing=_("fetch what is kept about a person"))
    path = exporting.folder() / made.name
    if not path.is_file():
        raise NotFound(_("The file is gone: export again."))
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{made.user.username}.zip")
