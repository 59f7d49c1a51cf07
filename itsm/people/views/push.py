"""Devices that show one's news: the list, adding this one, trying and ending one; and what a device says it showed."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from itsm.accounts.actors import actor_of
from itsm.kernel.errors import InvalidInput
from itsm.notifications.pushing import devices as operations
from itsm.notifications.pushing import keys
from itsm.people.forms.push import DeviceForm


@login_required
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """Which devices show news, and what they did with it."""
    context = {"devices": operations.devices_of(actor_of(request)), "public_key": keys.public_key()}
    return render(request, "accounts/devices.html", context)


@login_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """What the browser was given when its owner agreed."""
    form = DeviceForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(_("This browser sent no subscription that can be used."))
    device = operations.add(actor=actor_of(request), **form.cleaned_data)
    operations.attempt(device.pk, actor=actor_of(request))
    messages.success(request, _("Added: a first message is on its way to it."))
    return redirect("accounts:devices")


@login_required
@require_POST
def change(request: HttpRequest, number: str, action: str) -> HttpResponse:
    actor, device_id = actor_of(request), int(number)
    if action == "end":
        operations.end(device_id, actor=actor)
        messages.success(request, _("Ended: nothing is sent to it any more."))
    elif action == "try":
        operations.attempt(device_id, actor=actor)
        messages.success(request, _("A message is on its way to it."))
    else:
        operations.show_content(device_id, actor=actor, shows_content=action == "titles")
    return redirect("accounts:devices")


@csrf_exempt  # a service worker has no page, so no token; the receipt is signed and changes one instant
@require_POST
def shown(request: HttpRequest) -> HttpResponse:
    """A device showed something. The answer is the same whatever was sent."""
    operations.shown(request.POST.get("receipt", "")[:500])
    return HttpResponse(status=204)
