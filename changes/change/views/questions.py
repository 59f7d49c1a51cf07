"""What the policy asks about a change: asked along while one is written, and answered on a page of its own."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog.environments.queries import is_production
from changes.change import permissions
from changes.change.forms.questions import QuestionsForm, questions_for, said_in
from changes.change.models import Change
from changes.change.operations import editing
from changes.change.operations.answering import answer_questions
from changes.change.queries import listing
from changes.change.queries.questions import answers_of
from changes.policies.queries import in_force, visible_policies
from changes.policies.vocabulary import PolicyStatus
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.ui.htmx import form_errors_from, redirect_after_write, version_posted


@login_required
@require_GET
def asked(request: HttpRequest) -> HttpResponse:
    """The questions that are asked about a change as it is being written, with the answers so far.

    A part of that form; by its address alone it leads to the page of the questionnaire that rules.
    """
    actor = actor_permitted(
        request, permissions.askers, _("%(actor_name)s may not ask the gate; engineers, owners and managers may.")
    )
    if not getattr(request, "htmx", False):
        ruling = visible_policies(actor).filter(status=PolicyStatus.RULING).values_list("pk", flat=True).first()
        return redirect("changes:questionnaire", ruling) if ruling is not None else redirect("changes:policies")
    context = {"questions": questions_for(in_force().questionnaire, request.GET)}
    return render(request, "changes/change/partials/questions.html", context)


@login_required
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """Answer what the policy asks about this change; the gate judges anew."""
    actor = actor_of(request)
    change = listing.by_reference(actor, reference)
    editing.require_editable(change, actor)
    sent = request.POST if request.method == "POST" else request.GET
    form = _form(change, said_in(sent) or (answers_of(change) if request.method == "GET" else {}))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            answer_questions(
                change, actor=actor, version=version_posted(request), answers=form.answers(), at=timezone.now()
            )
            messages.success(request, _("Answered: the gate has judged anew."))
            return redirect_after_write(request, change.get_absolute_url())
        status = refused.status
    context = {"change": change, "questions": form, "address": request.path}
    if getattr(request, "htmx", False) and request.method == "GET":
        return render(request, "changes/change/partials/questions.html", context)
    return render(request, "changes/change/questions.html", context, status=status)


def _form(change: Change, said: Mapping[str, Any]) -> QuestionsForm:
    return QuestionsForm(in_force().questionnaire, said, in_production=is_production(change.environment))
