"""What is counted as people use the portal, and the report of it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.items.queries import offered
from catalog.knowledge.queries import visible_articles
from catalog.services.queries import visible_services
from incidents.incident.forms.record import NewIncidentForm
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in
from itsm.portal import operations, permissions
from itsm.portal.models import Trace
from itsm.portal.queries import reports

_FORMS = "incident"


@login_required
@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """A suggestion was opened or a form begun: `kind`, `about_kind`, `about`. Always 204: it tells nothing of what is
    there, and counts only what the caller may see. `field`: the key of the question that was answered last."""
    actor = actor_of(request)
    said = [request.POST.get(name, "")[:64] for name in ("kind", "about_kind", "about")]
    if "\0" not in "".join(said) and _counts(actor, *said):
        operations.note(
            *said, actor=actor, at=timezone.now(), field=_field(actor, request.POST.get("field", ""), *said)
        )
    return HttpResponse(status=204)


def _field(actor: Actor, key: str, kind: str, about_kind: str, about: str) -> str:
    """A question that this form has; "" for anything else, so that nothing that was typed can stand there."""
    if kind != Trace.Kind.BEGUN:
        return ""
    if about_kind == Trace.About.INCIDENT:
        return key if key in NewIncidentForm.declared_fields else ""
    item = offered(actor).filter(slug=about).first()
    return key if item is not None and key in item.text.asked.definitions else ""


def _counts(actor: Actor, kind: str, about_kind: str, about: str) -> bool:
    if about_kind == Trace.About.ITEM and kind in Trace.Kind.values:
        return offered(actor).filter(slug=about).exists()
    if kind == Trace.Kind.BEGUN:
        return about_kind == Trace.About.INCIDENT and about == _FORMS
    if kind != Trace.Kind.OPENED:
        return False
    if about_kind == Trace.About.ARTICLE:
        number = number_in(about, "KNO")
        return number is not None and visible_articles(actor).filter(pk=number).exists()
    return about_kind == Trace.About.OUTAGE and visible_services(actor).filter(slug=about).exists()


@login_required
def report(request: HttpRequest) -> HttpResponse:
    actor = actor_permitted(request, permissions.staff, _("Reports are for people who work here."))
    found = reports.report(actor, timezone.now())
    return render(request, "portal/report.html", {"report": found, "days": reports.PERIOD.days})
