"""Pages of back-tests and shadows."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from changes.back_tests import operations, queries
from changes.back_tests.forms import PeriodForm
from changes.back_tests.models import BackTestDifference
from changes.back_tests.vocabulary import Quadrant, RunState
from changes.policies.models import GatePolicy
from changes.policies.operations import begin_shadow, end_shadow
from changes.policies.permissions import policy_keepers
from changes.policies.queries import visible_policies
from changes.policies.vocabulary import OPEN, ROWS
from itsm.accounts.actors import actor_permitted
from itsm.accounts.permissions import staff
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted, word_posted

_MOST_SHOWN = 200
_USUAL_DAYS = 90


def _reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, staff, _("Policies are for people who work here."))


def _keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, policy_keepers, _("Change managers, people, test policies on past changes."))


def _policy(actor: Actor, pk: int) -> GatePolicy:
    return get_object_or_404(visible_policies(actor), pk=pk)


@login_required
def back_test(request: HttpRequest, pk: int) -> HttpResponse:
    """What a policy would have said of past changes; a change manager asks for it here."""
    actor = _reader(request) if request.method == "GET" else _keeper(request)
    found, today = _policy(actor, pk), timezone.now().date()
    form = PeriodForm(posted(request), initial={"first": today - timedelta(days=_USUAL_DAYS), "last": today})
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            run = operations.ask(found, actor=actor, at=timezone.now(), **form.period())
            return redirect_after_write(request, run.get_absolute_url())
        status = refused.status
    run_now = queries.latest(found)
    only = request.GET.get("only", "")
    differing = queries.differences(run_now) if run_now is not None else BackTestDifference.objects.none()
    if only in Quadrant.values:
        differing = differing.filter(quadrant=only)
    context = {
        "policy": found, "form": form, "run": run_now, "tally": queries.tally(run_now) if run_now is not None else None,
        "under_way": run_now is not None and run_now.state == RunState.WORKING, "rows": differing[:_MOST_SHOWN],
        "most": _MOST_SHOWN, "only": only, "quadrants": Quadrant.choices, "may_keep": policy_keepers(actor),
    }  # fmt: skip
    return render(request, "changes/back_tests/back_test.html", context, status=status)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the one that is under way; what was found stays."""
    actor = _keeper(request)
    found = _policy(actor, pk)
    run = queries.latest(found)
    if run is not None:
        operations.cancel(run, actor=actor, at=timezone.now())
        messages.success(request, _("Cancelled; what was found stays."))
    return redirect_after_write(request, reverse("changes:back_test", args=[found.pk]))


@login_required
@require_GET
def differing(request: HttpRequest, pk: int, difference: int) -> HttpResponse:
    """Both verdicts on one change, side by side."""
    found = _policy(_reader(request), pk)
    rows = BackTestDifference.objects.select_related("run", "decision__change", "decision__policy")
    one = get_object_or_404(rows, pk=difference, run__policy=found)
    pair = queries.side_by_side(one.decision, queries.policy_of(one.run))
    context = {"policy": found, "difference": one, "pair": pair, "sides": _sides(pair)}
    return render(request, "changes/back_tests/differing.html", context)


def _sides(pair: queries.Pair) -> list[tuple[str, object, object]]:
    """Title, verdict in words, and the row of the table that ruled."""
    named = ((_("Said then"), pair.then), (_("This policy"), pair.now))
    return [(title, said, ROWS[said.verdict.row]) for title, said in named]


@login_required
def shadow(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a policy in shadow agrees with what the gate said, and where not; begun and ended here."""
    actor = _reader(request) if request.method == "GET" else _keeper(request)
    found = _policy(actor, pk)
    if request.method == "POST":
        if word_posted(request, "on", "yes", "no") == "yes":
            begin_shadow(found, actor=actor, version=version_posted(request), at=timezone.now())
        else:
            end_shadow(found, actor=actor, version=version_posted(request))
        return redirect_after_write(request, reverse("changes:shadow", args=[found.pk]))
    counts = queries.shadow_counts(found)
    context = {
        "policy": found, "counts": counts, "total": sum(times for _said, _would, times in counts),
        "rows": queries.shadow_answers(found)[:_MOST_SHOWN], "most": _MOST_SHOWN, "may_keep": policy_keepers(actor),
        "may_begin": found.status in OPEN,
    }  # fmt: skip
    return render(request, "changes/back_tests/shadow.html", context)
