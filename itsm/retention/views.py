"""The page of retention: each rule with what it would take now, its switch, and a form for a new one."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_of
from itsm.accounts.queues import rights_in_queues
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.retention import operations, queries
from itsm.retention.forms import NewRuleForm, RuleForm
from itsm.retention.models import RetentionRule
from itsm.ui.htmx import form_errors_from
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
