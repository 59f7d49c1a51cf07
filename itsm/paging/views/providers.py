"""Pages of providers, for administrators."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.notifications.web_addresses import our_address
from itsm.paging import permissions
from itsm.paging.forms import ProviderForm, as_typed
from itsm.paging.models import PagingProvider
from itsm.paging.operations import providers
from itsm.paging.queries import reading
from itsm.ui.htmx import done_or_told, posted, redirect_after_write, version_posted, word_posted


@login_required
def listing(request: HttpRequest) -> HttpResponse:
    _keeper(request)
    return render(request, "paging/providers.html", {"providers": reading.providers(), "now": timezone.now()})


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = _keeper(request)
    form = ProviderForm(posted(request))

    def told(status: int) -> HttpResponse:
        return render(request, "paging/provider_form.html", {"form": form, "provider": None}, status=status)

    if request.method != "POST":
        return told(200)
    return done_or_told(
        request, form, lambda: providers.create(actor=actor, **form.said()), reverse("paging:providers"), told
    )


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A provider: its terms, and where it calls back."""
    actor = _keeper(request)
    found = _found(pk)
    form = ProviderForm(posted(request), initial=as_typed(found))
    at = our_address(f"/api/v1/integrations/paging/{found.token}/")

    def told(status: int) -> HttpResponse:
        context = {"form": form, "provider": found, "calls_back_at": at}
        return render(request, "paging/provider_form.html", context, status=status)

    if request.method != "POST":
        return told(200)
    return done_or_told(
        request, form,
        lambda: providers.edit(found, actor=actor, version=form.cleaned_data["version"], **form.said()),
        reverse("paging:providers"), told,
    )  # fmt: skip


@login_required
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    actor = _keeper(request)
    found = _found(pk)
    do = word_posted(request, "to", "on", "off", "rotate")
    if do == "rotate":
        providers.rotate(found, actor=actor, version=version_posted(request))
        messages.success(request, _("It calls back at another address now: tell the provider."))
        return redirect_after_write(request, found.get_absolute_url())
    providers.switch(found, actor=actor, on=do == "on", at=timezone.now(), version=version_posted(request))
    messages.success(request, _("It is asked again.") if do == "on" else _("It is asked no more."))
    return redirect_after_write(request, reverse("paging:providers"))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.administrators, _("Providers are kept by administrators."))


def _found(pk: int) -> PagingProvider:
    found = reading.providers().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such provider."))
    return found
