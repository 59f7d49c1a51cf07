"""What each model saved and what it cost, and which kinds of change could become one."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from changes.change_models.permissions import model_writers
from changes.model_review import queries
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff


@login_required
@require_GET
def figures(request: HttpRequest) -> HttpResponse:
    """Figures of the models, and candidates; one click fills the form of a new model."""
    actor = actor_permitted(request, staff, _("Change models are for people who work here."))
    at = timezone.now()
    context = {
        "rows": queries.figures(at), "candidates": queries.candidates(at), "may_write": model_writers(actor),
    }  # fmt: skip
    return render(request, "changes/model_review/figures.html", context)
