"""Setting an objective, changing its terms, retiring it and taking it up again; with a preview of what it means."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_of, actor_permitted
from itsm.approvals.views import waits, waits_for
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted
from slo.measuring import operations as measuring_operations
from slo.measuring.forms.measures import CHECK_FIELDS
from slo.measuring.models import Indicator
from slo.measuring.queries.listing import indicators as indicators_seen
from slo.measuring.queries.listing import sources as sources_seen
from slo.objectives import operations, permissions, queries
from slo.objectives.forms.members import MemberRows, member_rows
from slo.objectives.forms.terms import EditObjectiveForm, NewObjectiveForm, ObjectiveForm, as_typed
from slo.objectives.models import Objective
from slo.objectives.queries.members import current_members
from slo.objectives.views.previews import preview_of
from slo.objectives.views.trying import refusal_of_typed, tried_of

_OFFERED = 200


@login_required
def new(request: HttpRequest) -> HttpResponse:
    actor = actor_permitted(
        request, permissions.authors, _("%(actor_name)s may not set objectives; engineers and owners may.")
    )
    initial = {"service": request.GET.get("service", ""), "indicator": request.GET.get("indicator", "")}
    form = NewObjectiveForm(visible_services(actor), posted(request), initial=initial, sources=sources_seen(actor))

    def keep(rows: MemberRows) -> str:
        made = _created(form, rows, actor)
        _say_what_is_asked(request, form, made)
        return reverse("slo:detail", args=[made.slug])

    return _answered(request, form, member_rows(posted(request), more="more" in request.POST), keep)


@login_required
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    objective = _kept_by(actor, slug)
    form = EditObjectiveForm(posted(request), initial=as_typed(objective), sources=sources_seen(actor))
    rows = member_rows(posted(request), current_members(objective), more="more" in request.POST)

    def keep(rows: MemberRows) -> str:
        kept = _changed(objective, form, rows, actor)
        if refusal := refusal_of_typed(form.cleaned_data):
            messages.warning(request, refusal)
        if kept.awaits is not None:
            return waits_for(request, kept.awaits)
        messages.success(request, _("Kept. The minutes before keep the terms of their time."))
        return reverse("slo:detail", args=[slug])

    return _answered(request, form, rows, keep, objective)


def _say_what_is_asked(request: HttpRequest, form: ObjectiveForm, made: Objective) -> None:
    """How far back the first pull will ask, or why nothing will be asked as things are."""
    if refusal := refusal_of_typed(form.cleaned_data):
        messages.warning(request, refusal)
    elif form.cleaned_data["source"] == Indicator.Source.PROMETHEUS:
        days = made.window_days
        words = ngettext(
            "Kept. The first pull asks for the last %d day, as far as the source reaches back.",
            "Kept. The first pull asks for the last %d days, as far as the source reaches back.",
            days,
        )
        messages.success(request, words % days)


@login_required
@require_POST
def preview(request: HttpRequest, slug: str = "") -> HttpResponse:
    """The part beside the form, for what is typed in it now. Nothing is kept."""
    actor = actor_of(request)
    objective = _kept_by(actor, slug) if slug else None
    if not permissions.authors(actor):
        raise NotPermitted(_("%(name)s may not set objectives; engineers and owners may.") % {"name": actor.name})
    form = ObjectiveForm(request.POST, sources=sources_seen(actor))
    form.is_valid()
    context = {
        "preview": preview_of(form, member_rows(request.POST), timezone.now(), objective),
        "objective": objective,
    }
    return render(request, "slo/objectives/partials/preview.html", context)


@login_required
@require_POST
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    objective = _kept_by(actor, slug)
    kept = operations.retire_objective(objective, actor=actor, version=version_posted(request), at=timezone.now())
    if kept.awaits is not None:
        return waits(request, kept.awaits)
    messages.success(
        request, _("%(name)s is retired. Its history stays, and it can be taken up again.") % {"name": objective}
    )
    return redirect_after_write(request, reverse("slo:list"))


@login_required
@require_POST
def revive(request: HttpRequest, slug: str) -> HttpResponse:
    actor = actor_of(request)
    operations.revive_objective(_kept_by(actor, slug), actor=actor, at=timezone.now())
    messages.success(request, _("Taken up again, with the terms that it had."))
    return redirect_after_write(request, reverse("slo:detail", args=[slug]))


def _kept_by(actor: Actor, slug: str) -> Objective:
    objective = queries.by_slug(actor, slug)
    if not permissions.keepers(actor, objective.service):
        raise NotPermitted(_("%(name)s may not change this objective; its owners may.") % {"name": actor.name})
    return objective


def _answered(
    request: HttpRequest,
    form: ObjectiveForm,
    rows: MemberRows,
    keep: Callable[[MemberRows], str],
    objective: Objective | None = None,
) -> HttpResponse:
    """The form; or, sent to be kept, where to go next. `look` and `more` show it again without keeping anything."""
    status = 200
    if request.method == "POST" and not {"look", "more"} & set(request.POST):
        status = 422
        if form.is_valid() and (not form.is_composite or rows.is_valid()):
            with form_errors_from(form) as refused, _beside_their_fields():
                return redirect_after_write(request, keep(rows))
            status = refused.status
    context = {
        "form": form,
        "rows": rows,
        "objective": objective,
        "known": indicators_seen(actor_of(request)).values_list("slug", "name")[:_OFFERED],
        "preview": _preview(form, rows, objective),
        "tried": tried_of(form, timezone.now()) if "look" in request.POST else None,
    }
    return render(request, "slo/objectives/form.html", context, status=status)


def _preview(form: ObjectiveForm, rows: MemberRows, objective: Objective | None) -> Any:
    """Of what is typed, or of what the form begins with."""
    if not form.is_bound:
        begun = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
        form = ObjectiveForm({name: value for name, value in begun.items() if value not in (None, False)})
    form.is_valid()
    return preview_of(form, rows, timezone.now(), objective)


class _beside_their_fields:  # noqa: N801 - used as a function
    """What a check refuses comes as "field: words"; here each becomes an error of its field."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, InvalidInput) and "check" in error.errors:
            told = [one.partition(": ") for one in error.errors["check"]]
            fields = {CHECK_FIELDS.get(name, name): [words] for name, colon, words in told if colon}
            raise InvalidInput(error.detail, fields or error.errors) from error


@transaction.atomic
def _created(form: NewObjectiveForm, rows: MemberRows, actor: Actor) -> Objective:
    """Indicator and objective, both or neither, as the API does it."""
    terms = form.terms()
    return operations.create_objective(actor=actor, at=timezone.now(), **_measured(form, rows, actor, terms), **terms)


@transaction.atomic
def _changed(objective: Objective, form: EditObjectiveForm, rows: MemberRows, actor: Actor) -> Objective:
    terms = form.terms()
    return operations.edit_objective(
        objective, actor=actor, version=form.cleaned_data["version"], at=timezone.now(),
        **_measured(form, rows, actor, terms), **terms,
    )  # fmt: skip


def _measured(form: ObjectiveForm, rows: MemberRows, actor: Actor, terms: dict[str, Any]) -> dict[str, Any]:
    if form.is_composite:
        return {"members": rows.terms(terms["target"])}
    return {"indicator": measuring_operations.get_or_create_indicator(actor=actor, **form.definition())}
