"""The page of retention: each rule with what it would take now, its switch, and a form for a new one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_of
from itsm.accounts.queues import rights_in_queues
from itsm.erasure import holding
from itsm.erasure.models import RecordHold
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.retention import operations, queries
from itsm.retention.forms import HoldForm, NewRuleForm, RuleForm
from itsm.retention.models import RetentionRule
from itsm.ui.htmx import form_errors_from, posted
from itsm.work.retention import offered


@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule; sent: the one that is named by `rule`, or a new one."""
    actor = actor_of(request)
    operations.require_keeper(actor)
    there = {str(one.pk): one for one in RetentionRule.objects.filter(record_kind__in=list(offered()))}
    shown = {key: RuleForm(rule=one) for key, one in there.items()}
    new, status = NewRuleForm(), 200
    if request.method == "POST":
        key = request.POST.get("rule", "")
        if key and key not in there:
            raise NotFound(_("There is no such rule."))
        form = RuleForm(request.POST, rule=there[key]) if key else NewRuleForm(request.POST)
        status = 422
        if form.is_valid():
            with form_errors_from(form) as refused:
                _do(request, actor, there.get(key), form)
                return redirect("retention:rules")
            status = refused.status
        if isinstance(form, RuleForm):
            shown[key] = form
        else:
            new = form
    # Counted over all queues: whoever does not see each of them is not told how many there are.
    counts_all, now = not rights_in_queues(actor).hidden, timezone.now()
    rows = [
        (one, shown[key], queries.preview(one, now) if counts_all else None, one.runs.exclude(ended_at=None).first())
        for key, one in there.items()
    ]
    return render(request, "retention/rules.html", {"rows": rows, "blank": new}, status=status)


@login_required
def holds(request: HttpRequest) -> HttpResponse:
    """Legal holds on records, as a page: place one, lift one (`lift`: its number)."""
    actor = actor_of(request)
    operations.require_keeper(actor)
    form, status = HoldForm(posted(request)), 200
    if request.method == "POST":
        status = 422
        if lifted := request.POST.get("lift", ""):
            found = RecordHold.objects.filter(pk=lifted).first() if lifted.isdecimal() and len(lifted) < 19 else None
            if found is None:
                raise NotFound(_("That is not held any more."))
            holding.lift_records(found, actor=actor)
            messages.success(request, _("The legal hold is lifted."))
            return redirect("retention:holds")
        if form.is_valid():
            with form_errors_from(form) as refused:
                holding.hold_records(actor=actor, **form.cleaned_data)
                messages.success(request, _("Held: no rule and no erasure takes it."))
                return redirect("retention:holds")
            status = refused.status
    held = list(RecordHold.objects.select_related("by"))
    return render(request, "retention/holds.html", {"holds": held, "hold_form": form}, status=status)


def _do(request: HttpRequest, actor: Actor, rule: RetentionRule | None, form: NewRuleForm | RuleForm) -> None:
    if rule is None or isinstance(form, NewRuleForm):
        operations.create_rule(actor=actor, **form.said())
        messages.success(request, _("Written. Nothing goes until it is switched on."))
        return
    said = form.cleaned_data
    if said["do"] == "delete":
        operations.delete_rule(rule, actor=actor, version=said["version"])
        messages.success(request, _("The rule is gone; no record went with it."))
        return
    operations.edit_rule(rule, actor=actor, version=said["version"], confirmed=said["confirm"], **form.said())
    messages.success(request, _("Saved."))
