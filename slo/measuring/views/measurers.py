"""Who measures an indicator, who may measure themselves, and what to do with samples in quarantine."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from itsm.accounts.actors import actor_of
from itsm.kernel.errors import NotFound, NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write
from slo.measuring import operations, permissions, queries
from slo.measuring.forms.measurers import MeasurersForm


@login_required
@require_http_methods(["GET", "POST"])
def measurers(request: HttpRequest, slug: str) -> HttpResponse:
    """Who sends the measurements of an indicator; owners and change managers name them."""
    actor = actor_of(request)
    indicator = queries.indicators(actor).filter(slug=slug).first()
    if indicator is None:
        raise NotFound(_("There is no indicator %(slug)s, or you may not see it.") % {"slug": slug[:63]})
    if not permissions.measurer_namers(actor):
        raise NotPermitted(_("%(name)s may not name who measures; owners may.") % {"name": actor.name})
    named = "\n".join(one.account.username for one in indicator.measurers.all())
    form = MeasurersForm(posted(request), initial={"measurers": named})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            accounts = form.cleaned_data["measurers"]
            operations.name_measurers(indicator, actor=actor, accounts=accounts, at=timezone.now())
            messages.success(request, _("Named. Nobody else sends measurements from now on."))
            return redirect_after_write(request, reverse("slo:indicator", args=[slug]))
        status = refused.status
    return render(request, "slo/measuring/measurers.html", {"indicator": indicator, "form": form}, status=status)
