"""Files are sent: looked at first, then tried as a run that takes nothing in, whose page offers to take it in."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.formats.csv_table import Look
from catalog.formats.documents import File
from catalog.formats.limits import LARGEST_TABLE
from catalog.formats.options import Column
from catalog.formats.vocabulary import KEYS
from catalog.formats.yaml import Broken
from catalog.reconciliation import operations, permissions
from catalog.reconciliation.forms import FilesForm
from catalog.reconciliation.forms.files import UNITS, meanings
from catalog.reconciliation.models import Source
from catalog.reconciliation.queries.known import Known
from catalog.reconciliation.queries.reading import Idle, idle_in, look, options_of, read_files
from catalog.reconciliation.vocabulary import Format
from itsm.accounts.actors import actor_permitted
from itsm.api.middleware import takes_files
from itsm.kernel.actors import Actor
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, render_partial

_SHOWN = 8  # refusals in the look at a table


@takes_files
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """The form; sent, what its files would do is found out on a page of its own."""
    actor = importer(request)
    form = FilesForm(posted(request), request.FILES or None, initial=_asked(request))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            onwards = "?next=setup" if request.POST.get("next") == "setup" else ""
            return redirect_after_write(request, f"{_tried(form, actor)}{onwards}")
        status = refused.status
    context = {
        "form": form, "sources": Source.objects.exclude(format=Format.PEOPLE),
        "next": request.POST.get("next", request.GET.get("next", "")),
    }  # fmt: skip
    return render(request, "catalog/reconciliation/new.html", context, status=status)


@takes_files
@login_required
@require_POST
def look_at_table(request: HttpRequest) -> HttpResponse:
    """A part of the form: what a table looks like, and what of it cannot be read so."""
    importer(request)
    form, context = FilesForm(request.POST, request.FILES), {}
    form.is_valid()
    files: list[File] = form.cleaned_data.get("file", [])
    if form.cleaned_data.get("format") == Format.CSV and files:
        context = _looked(form, files)
    return render_partial(request, "catalog/reconciliation/partials/look.html", context, title=_("A table"))


new.largest_body = look_at_table.largest_body = LARGEST_TABLE + 200_000  # type: ignore[attr-defined]


def importer(request: HttpRequest) -> Actor:
    """Who is here. Raises NotPermitted for who may not bring items in."""
    return actor_permitted(request, permissions.importers, _("%(actor_name)s may not bring items in."))


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in ("format", "source") if name in request.GET}


def _tried(form: FilesForm, actor: Actor) -> str:
    """Plan a run that only looks, begin it, and say where it is seen."""
    said, columns = form.cleaned_data, form.columns()
    read = read_files(said["format"], said["file"], options_of({**said, "columns": columns}), said["source"])
    run = operations.plan_read(
        read, said["format"], said["source"], actor=actor, columns=columns if said["keep_columns"] else (), dry=True,
        complete=said["complete"], atomic=said["atomic"],
    )  # fmt: skip
    operations.begin(run, actor=actor)
    return run.get_absolute_url()


def _looked(form: FilesForm, files: list[File]) -> dict[str, Any]:
    said = form.cleaned_data
    wanted = options_of({**said, "columns": form.columns()})
    try:
        found = look(files[0], wanted, said.get("source", ""))
    except Broken as broken:
        return {"broken": broken.sentence}
    read = read_files(Format.CSV, files, options_of({**said, "columns": found.columns}))
    idle = idle_in(read, Known().identifiers)
    return {
        "look": found, "rows": read.count,
        "columns": [_column(n, one, found, idle) for n, one in enumerate(found.columns)],
        "meanings": meanings(), "refused": read.refused[:_SHOWN], "refusals": len(read.refused),
        "usable": len(read.documents), "is_broken": read.broken,
    }  # fmt: skip


def _column(number: int, column: Column, found: Look, idle: Mapping[str, Idle]) -> dict[str, Any]:
    kind, _colon, key = column.becomes.partition(":")
    unit = KEYS[key].unit if kind == "field" and key in KEYS else ""
    sample = [row[number] for row in found.sample if number < len(row) and row[number].strip()][:3]
    said = _idle_in_words(key, idle[key]) if kind == "identifier" and key in idle else ""
    return {
        "number": number, "column": column, "units": UNITS.get(unit, ()), "wanted": unit, "sample": sample, "idle": said
    }  # fmt: skip


def _idle_in_words(name: str, idle: Idle) -> str:
    """Why nothing is known by what a column says, and in how many rows."""
    if not idle.missing:
        words = _("Items of the class %(class)s are not known by it.") % {"class": idle.class_slug}
    elif name in idle.missing:
        words = _("What stands there tells nothing apart: it is filled in alike everywhere, or not whole.")
    else:
        parts = ", ".join(one.replace("_", " ") for one in idle.missing)
        words = _("It tells items apart only together with: %(parts)s.") % {"parts": parts}
    if idle.rows == idle.of:
        return words
    rows = ngettext("So in %(rows)d row of %(of)d.", "So in %(rows)d rows of %(of)d.", idle.rows)
    return f"{words} {rows % {'rows': idle.rows, 'of': idle.of}}"
