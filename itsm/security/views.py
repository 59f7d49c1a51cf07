"""Security: one page that says what is open or weak here, what holds, and what to do about the rest."""

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import administrators
from itsm.kernel.actors import Actor
from itsm.security import asvs
from itsm.security.findings import Area, Gravity, all_findings
from itsm.security.permissions import security_readers


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Every finding, by area; the gravest first."""
    actor = _reader(request)
    found = all_findings()
    # They come in the order of the areas.
    areas = [(Area(area), list(rows)) for area, rows in groupby(found, key=lambda one: one.area)]
    context = {
        "areas": areas,
        "weak": sum(one.gravity == Gravity.WEAK for one in found),
        "open": sum(one.gravity == Gravity.OPEN for one in found),
        "good": sum(one.gravity == Gravity.GOOD for one in found),
        "share": asvs.share_met(),
        "may_set": administrators(actor),
    }
    return render(request, "security/overview.html", context)


@login_required
def verification(request: HttpRequest) -> HttpResponse:
    """ASVS 5.0, level 2: every requirement with where it is met, and by which test."""
    _reader(request)
    wanted = request.GET.get("standing", "")
    standing = wanted if wanted in asvs.Standing.values else ""
    context = {
        "chapters": asvs.by_chapter(standing),
        "counts": asvs.counts(),
        "share": asvs.share_met(),
        "standing": standing,
        "standings": asvs.Standing.choices,
    }
    return render(request, "security/verification.html", context)


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, security_readers, _("What is open here is for administrators and auditors."))
