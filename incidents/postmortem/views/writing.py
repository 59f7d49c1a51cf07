"""The editor of a draft, with help that is shown beside each text and holds nobody up."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from incidents.postmortem import operations, permissions, queries
from incidents.postmortem.forms import WORDED, NewPostmortemForm, WriteForm, as_typed
from incidents.postmortem.operations.timeline import require_draft, require_writes_in
from incidents.postmortem.rules import turns
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from itsm.ui.sending import repeatable

_LONGEST = 20_000


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Begin one; `?from=INC-00042` says of what."""
    actor = actor_permitted(request, permissions.responders, gettext("%(actor_name)s may not write postmortems."))
    form = NewPostmortemForm(posted(request), initial={"about": request.GET.get("from", "")[:20]})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            about = queries.about_named(actor, form.cleaned_data["about"])
            made = operations.open_postmortem(actor=actor, at=timezone.now(), **about)
            return redirect_after_write(request, made.get_absolute_url())
        status = refused.status
    return render(request, "incidents/postmortem/new.html", {"form": form}, status=status)


@login_required
def write(request: HttpRequest, reference: str) -> HttpResponse:
    """The words of a draft."""
    actor = actor_of(request)
    postmortem = queries.by_reference(actor, reference)
    require_draft(actor, postmortem)
    form = WriteForm(posted(request), initial=as_typed(postmortem))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit(postmortem, actor=actor, **form.cleaned_data)
            return redirect_after_write(request, postmortem.get_absolute_url())
        status = refused.status
    context = {"postmortem": postmortem, "form": form, "worded": [(form[name], name) for name in WORDED]}
    return render(request, "incidents/postmortem/write.html", context, status=status)


@login_required
@require_POST
@repeatable
def wording(request: HttpRequest, reference: str) -> HttpResponse:
    """What could be said otherwise in the text that is being typed (`?field=impact`)."""
    actor = actor_of(request)
    postmortem = queries.by_reference(actor, reference)
    require_writes_in(actor, postmortem)
    text = request.POST.get(request.GET.get("field", ""), "")[:_LONGEST]
    found = turns(text, queries.names_around(postmortem))
    return render(request, "incidents/postmortem/partials/wording.html", {"turns": found})
