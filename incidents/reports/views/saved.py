"""Reports that are kept: what one says now, and to whom it goes by mail."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from incidents.reports import operations, permissions
from incidents.reports.forms import MailForm, ReportForm, StopForm, as_typed
from incidents.reports.operations.saving import USUAL
from incidents.reports.queries.desk import MOST_LINES
from incidents.reports.queries.saved import report_by_id, said_by, visible_reports
from incidents.reports.queries.texts import cell_text, days_of
from incidents.reports.views.pages import reader_of
from incidents.reports.views.tables import address
from incidents.reports.vocabulary import Measure, Span
from itsm.kernel.errors import InvalidInput
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write


@login_required
def listed(request: HttpRequest) -> HttpResponse:
    """One's own, and those that come by mail."""
    actor = reader_of(request)
    found = visible_reports(actor).prefetch_related("mails")[:200]
    return render(
        request, "incidents/reports/saved_list.html", {"reports": found, "may_keep": permissions.makers(actor)}
    )


@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Keep what the page of reports shows."""
    actor = reader_of(request)
    given = {name: request.GET[name] for name in ("query", "group_by", "span") if name in request.GET}
    usual = {"measures": [one.value for one in USUAL], "span": Span.LAST_WEEK.value}
    form = ReportForm(posted(request), initial={**usual, **given})
    return _kept(request, form, _("Save a report"), lambda said: operations.save_report(actor=actor, **said))


@login_required
def edit(request: HttpRequest, report_id: int) -> HttpResponse:
    """Change what is one's own."""
    actor = reader_of(request)
    report = report_by_id(actor, report_id)
    form = ReportForm(posted(request), initial=as_typed(report))

    def change(said: dict[str, Any]) -> Any:
        return operations.edit_report(report, actor=actor, version=form.cleaned_data["version"], **said)

    return _kept(request, form, report.name, change)


def _kept(request: HttpRequest, form: ReportForm, title: str, write: Any) -> HttpResponse:
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            return redirect_after_write(request, write(form.said()).get_absolute_url())
        status = refused.status
    return render(request, "incidents/reports/edit.html", {"form": form, "title": title}, status=status)


@login_required
def detail(request: HttpRequest, report_id: int) -> HttpResponse:
    """Its numbers as this reader sees them now."""
    actor, zone = reader_of(request), timezone.get_current_timezone()
    report = report_by_id(actor, report_id)
    measures = [Measure(one) for one in report.measures]
    context: dict[str, Any] = {
        "report": report,
        "measures": measures,
        "is_owner": permissions.owners(actor, report),
        "mails": report.mails.select_related("reader"),
        "mine": report.mails.filter(reader=actor.id).first(),
        "form": MailForm(),
    }
    try:
        period, total, lines = said_by(report, actor, timezone.now(), zone)
    except InvalidInput as refusal:
        context["refusal"] = refusal.detail
    else:
        context["days"] = f"{days_of(period, zone)} ({zone})"
        context["rows"] = [
            {
                "name": line.name or (_("All") if line is total else _("none")),
                "cells": [
                    {"text": cell_text(line, one), "url": address(line.cells[one].rows, report.query)}
                    for one in measures
                ],
            }
            for line in (*lines[:MOST_LINES], total)
        ]
    return render(request, "incidents/reports/saved.html", context)


@login_required
@require_POST
def remove(request: HttpRequest, report_id: int) -> HttpResponse:
    actor = reader_of(request)
    report = report_by_id(actor, report_id)
    operations.remove_report(report, actor=actor)
    messages.success(request, _("“%(name)s” is gone.") % {"name": report.name})
    return redirect_after_write(request, reverse("reports:saved_list"))


@login_required
@require_POST
def mail(request: HttpRequest, report_id: int) -> HttpResponse:
    """Send it from the next morning on."""
    actor = reader_of(request)
    report = report_by_id(actor, report_id)
    form = MailForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(_("There is nobody of this name who could get it."), {"reader": [_("not known")]})
    operations.mail_to(report, actor=actor, every=form.cleaned_data["every"], reader=form.cleaned_data["reader"])
    messages.success(request, _("It goes out at seven in the morning, where the reader is."))
    return redirect_after_write(request, report.get_absolute_url())


@login_required
@require_POST
def no_more_mail(request: HttpRequest, report_id: int) -> HttpResponse:
    """It is no longer sent; who is not its owner no longer sees it."""
    actor = reader_of(request)
    report = report_by_id(actor, report_id)
    form = StopForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(_("There is nobody of this name."), {"reader": [_("not known")]})
    operations.no_more_mail(report, actor=actor, reader=form.cleaned_data["reader"])
    messages.success(request, _("No more mail."))
    return redirect_after_write(
        request, report.get_absolute_url() if permissions.owners(actor, report) else reverse("reports:saved_list")
    )
