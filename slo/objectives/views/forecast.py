"""What if: more traffic, another target, an outage. Reads only, and every question has an address."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_of
from itsm.ui.htmx import render_partial
from slo.objectives import queries
from slo.objectives.forms.corrections import WhatIfForm
from slo.objectives.queries.what_if import NOTHING, answer, may_ask_target


@login_required
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """Without a question, how it stands; with one, both side by side. htmx asks again on every change."""
    objective = queries.by_slug(actor_of(request), slug)
    form = WhatIfForm(request.GET if "traffic" in request.GET else None, with_target=may_ask_target(objective))
    context: dict[str, Any] = {"objective": objective, "form": form}
    is_wrong = form.is_bound and not form.is_valid()
    if not is_wrong:
        context["answer"] = answer(objective, form.cleaned_data if form.is_bound else NOTHING)
    title = _("What if: %(objective)s") % {"objective": objective.name}
    return render_partial(request, _template(request), context, title=title, status=422 if is_wrong else 200)


def _template(request: HttpRequest) -> str:
    """The card, or only its answer where the card is there and asks."""
    asks = getattr(request, "htmx", False) and "traffic" in request.GET
    return "slo/objectives/partials/what_if_answer.html" if asks else "slo/objectives/partials/what_if.html"
