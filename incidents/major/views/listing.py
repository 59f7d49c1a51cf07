"""The list of major incidents, and what proposes them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from incidents.major import operations, permissions, queries
from incidents.major.filters import MajorFilter
from incidents.major.forms import RuleForm
from incidents.major.models import Major
from incidents.major.workflow import RUNNING, TURNED_DOWN, Status
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.ui.htmx import done_or_told
from itsm.ui.paging import counts_at_most, paged


class Tab(NamedTuple):
    """`choose` narrows the rows that an actor sees."""

    key: str
    label: str | Promise
    choose: Callable[["QuerySet[Major]"], "QuerySet[Major]"]


TABS = (
    Tab("running", _("Running"), lambda rows: rows.filter(status__in=RUNNING)),
    Tab("proposed", _("Proposed"), lambda rows: rows.filter(status=Status.PROPOSED)),
    Tab("resolved", _("To conclude"), lambda rows: rows.filter(status=Status.RESOLVED)),
    Tab("concluded", _("Concluded"), lambda rows: rows.filter(status=Status.CONCLUDED)),
    Tab("none", _("Turned down"), lambda rows: rows.filter(status__in=TURNED_DOWN)),
)
_COUNTED = ("running", "proposed", "resolved")


@login_required
def majors(request: HttpRequest) -> HttpResponse:
    actor = _staff(request)
    here = next((tab for tab in TABS if tab.key == request.GET.get("tab", "")), TABS[0])
    seen = queries.listed(actor)
    chosen = MajorFilter(request.GET, queryset=seen, request=request)
    now = timezone.now()
    page = paged(here.choose(chosen.qs), request.GET, ("-id",))
    counts = counts_at_most({tab.key: tab.choose(seen).order_by() for tab in TABS if tab.key in _COUNTED})
    context = {
        "filter": chosen,
        "tabs": [(tab, counts.get(tab.key, ""), tab is here) for tab in TABS],
        "tab": here.key,
        "page": page,
        "rows": [(one, one.is_overdue(now)) for one in page.rows],
        "is_filtered": any(request.GET.get(name) for name in chosen.filters),
        "may_propose": permissions.responders(actor),
    }
    return render(request, "incidents/major/list.html", context)


@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """What proposes a major incident by itself."""
    return _rules_page(request, _staff(request))


def _rules_page(request: HttpRequest, actor: Actor, status: int = 200, refused: Any = None) -> HttpResponse:
    context = {
        "rules": [
            (one, refused if refused is not None and refused.rule == one.rule else RuleForm(initial=_typed(one)))
            for one in queries.rules()
        ],
        "may_keep": permissions.keepers(actor),
    }
    return render(request, "incidents/major/rules.html", context, status=status)


def _typed(rule: Any) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in ("is_on", "least", "minutes", "version")}


@login_required
@require_POST
def keep_rule(request: HttpRequest, rule: str) -> HttpResponse:
    """Change one of them."""
    actor = actor_permitted(
        request, permissions.keepers, _now("Managers and administrators keep what proposes major incidents.")
    )
    kept = queries.rules().filter(rule=rule).first()
    if kept is None:
        raise Http404
    form = RuleForm(request.POST)
    form.rule = rule  # type: ignore[attr-defined]
    return done_or_told(
        request, form, lambda: operations.edit_rule(kept, actor=actor, **form.cleaned_data), "/majors/rules/",
        lambda status: _rules_page(request, actor, status, form),
    )  # fmt: skip


def _staff(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.staff, _now("Major incidents are for people who work here."))
