"""The page of the report: per risk class two bars with their intervals, what the pairs say, and what waiting cost."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from changes.cab_value.filters import Asked, asked
from changes.cab_value.queries import RiskValue, cab_value
from changes.cab_value.rules import LEAST_PAIRS, Answer, Share
from incidents.reports.filters import period_typed
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.kernel.errors import InvalidInput


@login_required
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """The last 90 days unless a period is asked for."""
    actor = actor_permitted(request, staff, _("Reports are for people who work here."))
    zone, refusal, found, words = timezone.get_current_timezone(), "", list[RiskValue](), None
    try:
        words = asked(request.GET.dict(), timezone.now(), zone)
        found = cab_value(actor, words.since, words.until)
    except InvalidInput as error:
        refusal = error.detail
    said = request.GET
    context = {
        "refusal": refusal,
        "zone": str(zone),
        **period_typed(said, words, zone),
        "rate": said.get("rate", "")[:20],
        "risks": [_shown(one, words) for one in found if words],
        "is_empty": not any(one.compared.people.changes or one.compared.automatic.changes for one in found),
        "least": LEAST_PAIRS,
    }
    return render(request, "changes/cab_value/report.html", context, status=400 if refusal else 200)


def _shown(value: RiskValue, words: Asked) -> dict[str, Any]:
    one = value.compared
    highest = max([0.05, *(share.interval[1] for share in (one.people, one.automatic) if share.interval)])
    return {
        "risk": _RISKS.get(one.risk, lambda: one.risk)(),
        "answer": one.answer.value,
        "sentence": _sentence(one.answer),
        "bars": [
            _bar(_("people decided"), one.people, highest, "people"),
            _bar(_("by itself"), one.automatic, highest, "automatic"),
        ],
        "highest": highest,
        "pairs": one.pairs,
        "waiting": value.waiting,
        "people": one.people.changes,
        "cost": value.cost(words.rate),
    }


def _bar(name: str, share: Share, highest: float, kind: str) -> dict[str, Any]:
    """In parts of a picture 1000 wide, whose right end is `highest`."""
    if share.interval is None or share.share is None:
        return {"name": name, "share": share, "kind": kind, "none": True}
    low, high = share.interval
    at, begin, end = (round(1000 * part / highest) for part in (share.share, low, high))
    return {
        "name": name, "share": share, "kind": kind, "long": at, "begin": begin, "end": end, "between": end - begin,
        "low": low, "high": high,
    }  # fmt: skip


_RISKS = {"low": lambda: _("Low risk"), "medium": lambda: _("Medium risk"), "high": lambda: _("High risk")}


def _sentence(answer: Answer) -> str:
    return {
        Answer.INSUFFICIENT: _("insufficient"),
        Answer.NO_DIFFERENCE: _("No difference is shown."),
        Answer.FEWER_FAILURES: _("What people decided about failed less often."),
        Answer.MORE_FAILURES: _("What people decided about failed more often."),
    }[answer]
