"""One click by a link, words after it, and what teams read of it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.kernel.errors import DomainError
from itsm.satisfaction import operations, permissions, queries
from itsm.satisfaction.links import survey_of
from itsm.satisfaction.models import MAX_COMMENT, Survey


def feedback(request: HttpRequest, token: str, score: str = "") -> HttpResponse:
    """The question. Looking keeps nothing, whoever looks: the answer is what is sent."""
    survey = survey_of(token)
    if survey is None:
        return render(request, "satisfaction/void.html", status=404)
    refused = None
    if request.method == "POST":
        try:
            operations.answer(survey, score=request.POST.get("score", ""), at=timezone.now())
            return redirect("satisfaction:feedback", token=token)
        except DomainError as error:
            refused = error
    return _page(request, survey, token, refused, score=score)


@require_POST
def comment(request: HttpRequest, token: str) -> HttpResponse:
    """Words beside the answer."""
    survey = survey_of(token)
    if survey is None:
        return render(request, "satisfaction/void.html", status=404)
    try:
        operations.comment(survey, text=request.POST.get("text", ""), at=timezone.now())
        return redirect("satisfaction:feedback", token=token)
    except DomainError as error:
        return _page(request, survey, token, error, text=request.POST.get("text", ""))


def _page(
    request: HttpRequest, survey: Survey, token: str, refused: DomainError | None, score: str = "", text: str = ""
) -> HttpResponse:
    survey.refresh_from_db()
    now = timezone.now()
    context: dict[str, Any] = {
        "survey": survey, "token": token, "chosen": score, "scores": Survey.Score, "refused": refused,
        "reference": survey.reference, "text": text, "most": MAX_COMMENT,
        "may_answer": survey.answered_at is None and now < survey.expires_at,
        "may_comment": operations.may_comment(survey, now),
    }  # fmt: skip
    return render(request, "satisfaction/feedback.html", context, status=refused.status if refused else 200)


@login_required
def report(request: HttpRequest) -> HttpResponse:
    """Per team, with how many answers it stands on."""
    actor = actor_permitted(request, permissions.readers, _("What people said is for people who work here."))
    now = timezone.now()
    context = {
        "teams": queries.by_team(actor, now), "comments": queries.comments(actor, now), "days": queries.PERIOD.days,
        "fewest": queries.FEWEST, "reads_people": permissions.readers_of_people(actor),
    }  # fmt: skip
    return render(request, "satisfaction/report.html", context)
