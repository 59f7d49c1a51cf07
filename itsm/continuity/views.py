"""The page of backups: how old the last one is, whether it was proven, and every run."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.continuity import queries
from itsm.continuity.models import ContinuityRun
from itsm.continuity.permissions import readers
from itsm.ui.paging import paged


@login_required
def backups(request: HttpRequest) -> HttpResponse:
    actor_permitted(request, readers, _("%(actor_name)s may not see how backups stand."))
    context = {
        "standing": queries.standing(timezone.now()),
        "page": paged(ContinuityRun.objects.all(), request.GET),
    }
    return render(request, "continuity/backups.html", context)
