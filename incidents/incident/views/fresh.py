"""What changed since a page was drawn: the list and the record ask every fifteen seconds while somebody looks at them.

The list is answered by its own query: which of its rows look otherwise now, which left it, how many came.
What the reader may not see is simply not in that query, and who is on it is asked only for what they read whole.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.incident import permissions, queries
from incidents.incident.filters import SORTS
from incidents.incident.models import Incident
from incidents.incident.views import record
from incidents.incident.views.queue import asked_for
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.references import number_in
from itsm.ui.paging import SIZE, paged
from itsm.work import presence

_NOTHING = 204
_LONGEST = 20  # of a reference and of a stamp


@login_required
@require_POST
def rows(request: HttpRequest) -> HttpResponse:
    """`rows`: "INC-7:stamp,..." as they stand on the page. Answers {changed, gone, new, here}, or 204 for no news."""
    actor = actor_of(request)
    shown = _shown(request.POST.get("rows", ""))
    asked = asked_for(request, actor)
    if asked.wrong:
        return HttpResponse(status=_NOTHING)
    page: list[Incident] = paged(asked.rows, request.GET, SORTS[asked.sort]).rows
    missing = shown.keys() - {one.pk for one in page}
    elsewhere = list(asked.rows.filter(pk__in=missing)) if missing else []
    known = [one for one in [*page, *elsewhere] if one.pk in shown]
    changed = [one for one in known if one.stamp != shown[one.pk]]
    gone = missing - {one.pk for one in elsewhere}
    asked.drawn.dress(changed, actor)
    found = {
        "changed": {one.reference: one.line for one in changed},  # type: ignore[attr-defined]
        "gone": [Incident(pk=pk).reference for pk in sorted(gone)],
        "new": _came(page, shown),
        "here": _chips(known, actor),
    }
    return JsonResponse(found) if any(found.values()) else HttpResponse(status=_NOTHING)


def _shown(text: str) -> dict[int, str]:
    """Id -> stamp, of at most a page; what is no reference is left out."""
    pairs = [one.partition(":") for one in text.split(",")[:SIZE]]
    read = [(number_in(reference[:_LONGEST], "INC"), stamp[:_LONGEST]) for reference, _colon, stamp in pairs]
    return {number: stamp for number, stamp in read if number}


def _came(page: list[Incident], shown: dict[int, str]) -> int:
    """How many stand here that the page did not have. Of a full page those after its last row only moved up."""
    places = [place for place, one in enumerate(page) if one.pk in shown]
    last = places[-1] if places and len(shown) >= SIZE else len(page)
    return sum(1 for one in page[: last + 1] if one.pk not in shown)


def _chips(found: list[Incident], actor: Actor) -> dict[str, str]:
    """Who writes on which of these, or is on it, in a few words; only of those the actor reads whole."""
    read = {one.pk: one.reference for one in found if permissions.readers(actor, one)}
    people = presence.present_on(Incident.kind, read, actor)
    return {read[pk]: ", ".join(map(_said, there)) for pk, there in people.items()}


def _said(one: presence.Present) -> str:
    words = _("%(name)s writes") if one.writes else _("%(name)s is here")
    return words % {"name": one.name}


@login_required
@require_POST
def look(request: HttpRequest, reference: str) -> HttpResponse:
    """A sign of life of an open record; who else is on it, and its story and facts where `stamp` is not theirs now.

    `doing`: reads, writes, or left. Answers {here, stamp, story, facts, consequence}, or 204 for no news.
    """
    actor = actor_of(request)
    incident = queries.by_reference(actor, reference)
    reads_all = permissions.readers(actor, incident)
    here = _sign_of_life(request, incident, actor) if reads_all else ""
    stamp = _stamp(incident, actor, reads_all=reads_all)
    found: dict[str, Any] = {"here": here} if here else {}
    if request.POST.get("stamp") != stamp and request.POST.get("doing") != "left":
        found |= {"stamp": stamp, **_parts(request, incident, actor)}
    return JsonResponse(found) if found else HttpResponse(status=_NOTHING)


def _sign_of_life(request: HttpRequest, incident: Incident, actor: Actor) -> str:
    doing = request.POST.get("doing")
    if doing == "left":
        presence.say_gone(Incident.kind, incident.pk, actor)
        return ""
    presence.say_here(Incident.kind, incident.pk, actor, writes=doing == "writes")
    return _chips([incident], actor).get(incident.reference, "")


def _stamp(incident: Incident, actor: Actor, *, reads_all: bool) -> str:
    """As the page would say it. To who reads no private notes, none of them moves it."""
    note = queries.newest_note(incident, with_private=reads_all)
    entry = queries.newest_event(incident, without={"incident.noted", *record.left_out(reads_all=reads_all)})
    return record.stamp_of(incident, actor, note, entry)


def _parts(request: HttpRequest, incident: Incident, actor: Actor) -> dict[str, Any]:
    context = record.page_of(incident, actor)
    partials = "incidents/incident/partials"
    return {
        "last_note": context["last_note"],
        "story": render_to_string("components/timeline.html", context, request),
        "facts": render_to_string(f"{partials}/facts.html", context, request),
        "consequence": render_to_string(f"{partials}/consequence.html", context, request),
    }
