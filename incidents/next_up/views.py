"""The page that says what to take up next."""

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from incidents.incident import permissions
from incidents.incident.views import columns
from incidents.incident.vocabulary import Priority
from incidents.next_up import queries
from itsm.accounts.actors import actor_permitted
from itsm.ui.colours import plain_choices


@login_required
def next_up(request: HttpRequest) -> HttpResponse:
    """What waits for this person, by band, each band with its words."""
    actor = actor_permitted(request, permissions.staff, _("What is next is for people who work here."))
    found = queries.turns(actor, timezone.now(), timezone.get_current_timezone())
    drawn = columns.shown(actor, ())
    drawn.dress((turn.incident for turn in found), actor)
    bands = [(band, [turn.incident for turn in turns]) for band, turns in groupby(found, key=lambda turn: turn.band)]
    may_work = permissions.responders(actor)
    context = {
        "bands": bands,
        "count": len(found),
        "most": queries.MOST,
        "drawn": drawn,
        "may_work": may_work,
        "priorities": plain_choices(Priority.choices),
    }
    return render(request, "incidents/next_up/next_up.html", context)
