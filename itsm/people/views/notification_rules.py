"""Who is told of what by default: the page of administrators."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.notifications.defaults import known_rules
from itsm.people.forms.notification_rules import NotificationRulesForm
from itsm.people.operations import notification_rules as operations
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def notification_rules(request: HttpRequest) -> HttpResponse:
    """One form: event by relation."""
    actor = actor_permitted(request, operations.keeps_rules, _("%(actor_name)s may not change whom news reach."))
    data = posted(request)
    form = NotificationRulesForm(data, rules=known_rules())
    status = 200 if data is None else 422
    if data is not None and form.is_valid():
        with form_errors_from(form) as refused:
            operations.set_defaults(form.said(), actor=actor)
            messages.success(request, _("Saved. It holds for all news from now on; what people wish goes before it."))
            return redirect_after_write(request, reverse("accounts:notification_rules"))
        status = refused.status
        form.renew(known_rules())
    return render(request, "accounts/notification_rules.html", {"form": form}, status=status)
