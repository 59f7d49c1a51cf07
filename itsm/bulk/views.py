"""Pages of bulk: what the selection bar of a list sends, and what became of each record."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from itsm.accounts.actors import actor_of, actor_permitted
from itsm.api.idempotency import claim_key, keep_claim
from itsm.bulk import asking, operations, permissions, queries, working
from itsm.bulk.forms import actions_sent, numbers_sent
from itsm.bulk.models import UNDO_WITHIN, Bulk, BulkRow
from itsm.kernel.actors import Actor
from itsm.kernel.errors import DomainError
from itsm.ui.htmx import plain_sentence, posted
from itsm.ui.sending import TOKEN, repeatable
from itsm.work import actions
from itsm.work.actions import Action

_MOST_SHOWN = 200
_LONGEST_TOKEN = 64
_R = BulkRow.Result
_WORDS_OF = [(_R.DONE, "green"), (_R.UNDONE, "grey"), (_R.REFUSED, "red"), (_R.UNSEEN, "amber"), (_R.UNCHANGED, "grey")]


@login_required
@require_POST
@repeatable  # it claims the token itself: rows are done after the transaction of what was sent
def send(request: HttpRequest, record_kind: str) -> HttpResponse:
    """One action to all that are selected; the result comes back as a part for the list."""
    actor = _sender(request, record_kind)
    try:
        bulk = _kept(request, actor, record_kind, actions_sent(request.POST, actor))
    except DomainError as refusal:
        return plain_sentence(refusal.detail, refusal.status)
    return _answered(request, working.work(bulk))


@login_required
@repeatable
def ask(request: HttpRequest, record_kind: str, name: str) -> HttpResponse:
    """What something needs before it is done to all; POST does it."""
    actor = _sender(request, record_kind)
    asked = asking.named(record_kind, name)
    form = (asked.form or forms.Form)(posted(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        try:
            todo = asking.as_action(record_kind, name, form.cleaned_data)
            return _answered(request, working.work(_kept(request, actor, record_kind, todo)))
        except DomainError as refusal:
            form.add_error(None, refusal.detail)
            status = refusal.status
    context = {"form": form, "asked": asked, "address": request.path, "references": request.POST.get("references", "")}
    template = "bulk/ask_form.html" if _is_part(request) else "bulk/ask.html"
    return render(request, template, context, status=status)


@login_required
@require_GET
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of each record; asked again while it is under way."""
    return _shown(request, queries.bulk_named(actor_of(request), pk))


@login_required
@require_POST
@repeatable
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the edits back."""
    actor = actor_of(request)
    bulk = queries.bulk_named(actor, pk)
    try:
        bulk = working.work(operations.undo(bulk, actor=actor, at=timezone.now()))
    except DomainError as refusal:
        return _refused(request, bulk, refusal)
    return _answered(request, bulk)


@login_required
@require_POST
@repeatable
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The same to those that refused."""
    actor = actor_of(request)
    bulk = queries.bulk_named(actor, pk)
    try:
        made = working.work(operations.send_again(bulk, actor=actor))
    except DomainError as refusal:
        return _refused(request, bulk, refusal)
    return _answered(request, made)


def _sender(request: HttpRequest, record_kind: str) -> Actor:
    """Raises Http404 for a kind that takes no actions, NotPermitted for who may send none."""
    try:
        actions.known(record_kind)
    except KeyError:
        raise Http404 from None
    return actor_permitted(request, permissions.senders, _("%(actor_name)s may not change many records at once."))


def _kept(request: HttpRequest, actor: Actor, record_kind: str, todo: list[Action]) -> Bulk:
    """Keep what was sent, once for a token: sent again, it is what was kept first."""
    token = request.POST.get(TOKEN, "")[:_LONGEST_TOKEN]
    with transaction.atomic():
        claim = None
        if token and token.isprintable():
            claim, is_new = claim_key(f"user-{actor.id}", f"/bulk/{record_kind}", f"form:{token}", "")
            if not is_new:
                return queries.bulk_named(actor, int(claim.location.rstrip("/").rpartition("/")[2]))
        macro = request.POST.get("macro", "")[:80]
        ids = numbers_sent(request.POST, record_kind)
        made = operations.send(
            record_kind, actor=actor, ids=ids, todo=todo, macro=macro, atomic=request.POST.get("atomic") == "yes"
        )
        if claim is not None:
            keep_claim(claim, 200, location=made.get_absolute_url())
    return made


def _is_part(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def _refused(request: HttpRequest, bulk: Bulk, refusal: DomainError) -> HttpResponse:
    if _is_part(request):
        return plain_sentence(refusal.detail, refusal.status)
    return _shown(request, bulk, refusal.detail, refusal.status)


def _answered(request: HttpRequest, bulk: Bulk) -> HttpResponse:
    return _shown(request, bulk) if _is_part(request) else HttpResponseRedirect(bulk.get_absolute_url())


def _shown(request: HttpRequest, bulk: Bulk, wrong: str = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    counts = queries.counts_of(bulk)
    only = request.GET.get("only", "")
    context = {
        "bulk": bulk,
        "wrong": wrong,
        "counts": [
            {"name": name.value, "label": name.label, "colour": colour, "count": counts[name], "current": only == name}
            for name, colour in _WORDS_OF
            if counts[name]
        ],
        "changed": counts[_R.DONE] + counts[_R.UNDONE],
        "refused": counts[_R.REFUSED],
        "waiting": queries.left_of(bulk),
        "settled": sum(counts.values()) - counts[_R.WAITING],
        "total": sum(counts.values()),
        "only": only,
        "rows": _rows(bulk, actor, only),
        "most": _MOST_SHOWN,
        "minutes_left": _minutes_left(bulk) if counts[_R.DONE] else 0,
        "list_url": reverse(f"{actions.known(bulk.record_kind).model._meta.app_label}:list"),
        "is_part": _is_part(request),
    }
    template = "bulk/partials/result.html" if _is_part(request) else "bulk/result.html"
    return render(request, template, context, status=status)


def _rows(bulk: Bulk, actor: Actor, only: str) -> list[BulkRow]:
    """Those of one result; without a choice those that somebody should look at, or all where there are none."""
    found: Any = bulk.rows.order_by("index")
    to_look_at = found.exclude(sentence="")
    chosen = found.filter(result=only) if only in _R.values else to_look_at
    if not only and not to_look_at.exists():
        chosen = found
    return queries.with_records(bulk, list(chosen[:_MOST_SHOWN]), actor)


def _minutes_left(bulk: Bulk) -> int:
    """Whole minutes for which it can be taken back, at least one while it can."""
    if bulk.undo_until is None:
        return 0
    left: timedelta = bulk.undo_until - timezone.now()
    most = int(UNDO_WITHIN.total_seconds() // 60)
    return min(max(1, int(left.total_seconds() // 60)), most) if left > timedelta(0) else 0
