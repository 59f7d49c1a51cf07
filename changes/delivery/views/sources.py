"""Pages of the platforms that tell of deployments: which there are, how they are told where to send, their secrets."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from changes.delivery.forms import SourceForm, as_typed
from changes.delivery.models import DeliverySource
from changes.delivery.operations import sources as operations
from changes.delivery.queries import log
from changes.delivery.views.doors import keeper, tabs
from changes.delivery.vocabulary import Platform
from itsm.notifications.web_addresses import our_address
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted
from itsm.ui.sending import repeatable

_LIVE = DeliverySource.objects.filter(retired_at=None)


def door_of(source: DeliverySource) -> str:
    """Where it sends to."""
    ends = {Platform.GENERIC.value: f"generic/{source.slug}/"}
    return our_address(f"/api/v1/integrations/{ends.get(source.platform, f'{source.platform}/')}")


@login_required
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Which platforms tell of deployments."""
    keeper(request)
    rows = [(one, door_of(one)) for one in _LIVE.select_related("account").order_by("name")]
    return render(request, "changes/delivery/sources.html", {"rows": rows, **tabs("sources")})


@repeatable
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """A new one; its secret is shown this once."""
    actor = keeper(request)
    form = SourceForm(posted(request))
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            made, secret = operations.add_source(actor=actor, at=timezone.now(), **form.said())
            return _secret(request, made, secret)
        return _editor(request, form, status=refused.status)
    return _editor(request, form, status=422 if request.method == "POST" else 200)


@repeatable
@login_required
def source(request: HttpRequest, slug: str) -> HttpResponse:
    """What it says, and what it asked lately."""
    actor = keeper(request)
    found = get_object_or_404(_LIVE.select_related("account"), slug=slug)
    form = SourceForm(posted(request), initial=as_typed(found))
    form.fields["slug"].disabled = form.fields["platform"].disabled = True
    if found.platform == Platform.CDEVENTS:
        form.fields["platform"].choices = Platform.choices  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        said = {name: value for name, value in form.said().items() if name not in {"slug", "platform"}}
        with form_errors_from(form) as refused:
            operations.edit_source(found, actor=actor, version=form.cleaned_data["version"], **said)
            messages.success(request, _("It holds for what comes from now on."))
            return redirect_after_write(request, reverse("changes:delivery_sources"))
        return _editor(request, form, source=found, status=refused.status)
    return _editor(request, form, source=found, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def rotate(request: HttpRequest, slug: str) -> HttpResponse:
    """A new secret; the one before counts for a day more."""
    actor = keeper(request)
    found = get_object_or_404(_LIVE, slug=slug)
    made, secret = operations.rotate(found, actor=actor, version=version_posted(request), at=timezone.now())
    return _secret(request, made, secret)


@login_required
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """It takes nothing any more."""
    actor = keeper(request)
    found = get_object_or_404(_LIVE, slug=slug)
    operations.retire_source(found, actor=actor, version=version_posted(request), at=timezone.now())
    messages.success(request, _("It takes nothing any more; what came from it stays."))
    return redirect_after_write(request, reverse("changes:delivery_sources"))


def _secret(request: HttpRequest, source: DeliverySource, secret: str) -> HttpResponse:
    context = {"source": source, "secret": secret, "door": door_of(source)}
    return render(request, "changes/delivery/secret.html", context)


def _editor(
    request: HttpRequest, form: SourceForm, *, source: DeliverySource | None = None, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "source": source}
    if source is not None:
        context |= {"door": door_of(source), "questions": log.questions(source)[:20]}
    return render(request, "changes/delivery/source.html", context, status=status)
