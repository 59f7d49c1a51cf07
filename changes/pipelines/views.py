"""What pipelines fetch without an account, the command and its checksum; and how a service is delivered by one."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from catalog.environments.queries import default
from catalog.services.queries import visible_services
from changes.change import permissions
from changes.change.vocabulary import ChangeClass
from changes.change_models.queries import of_service
from changes.pipelines import queries
from changes.pipelines.formats import pieces
from itsm.accounts.actors import actor_permitted
from itsm.ui.htmx import render_partial


def _etag(request: HttpRequest) -> str:
    return f'"{queries.checksum()}"'


@require_safe
@condition(etag_func=_etag)
@cache_control(public=True, max_age=300)
def command(request: HttpRequest) -> HttpResponse:
    """The file `headroom`; the same bytes for everybody."""
    answer = HttpResponse(queries.command(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="headroom"'
    return answer


@require_safe
@cache_control(public=True, max_age=300)
def checksum(request: HttpRequest) -> HttpResponse:
    """As `sha256sum --check` reads it."""
    return HttpResponse(f"{queries.checksum()}  headroom\n", content_type="text/plain; charset=utf-8")


@login_required
def deliver(request: HttpRequest, slug: str) -> HttpResponse:
    """Ready pieces for the platforms, filled with the service's names; a panel of its page, and a page of its own."""
    actor = actor_permitted(request, permissions.staff, _("How services are delivered is for people who work here."))
    service = get_object_or_404(visible_services(actor), slug=slug)
    as_class = ChangeClass.NORMAL if of_service(service) is None else ChangeClass.STANDARD
    context = {
        "service": service,
        "pieces": pieces(
            url=settings.BASE_URL, service=service.slug, environment=default(), change_class=as_class.value
        ),
        "is_standard": as_class == ChangeClass.STANDARD,
        "base_url": settings.BASE_URL,
        "checksum": queries.checksum(),
    }
    title = _("Deliver %(service)s") % {"service": service}
    return render_partial(request, "changes/pipelines/deliver.html", context, title=title, back=service)
