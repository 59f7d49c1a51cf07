"""Settings, the sync of a directory: how it goes, what it would change, and what waits for a person."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from itsm.clocks import due
from itsm.directory import operations, permissions
from itsm.directory.configured import directory_of
from itsm.directory.models import DirectorySync, SyncRun
from itsm.directory.syncing import SYNCING
from itsm.identity.models import ExternalIdentity, IdentityProvider
from itsm.identity.views.shared import keeper, reader
from itsm.identity.vocabulary import Protocol
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound
from itsm.ui.htmx import redirect_after_write, version_posted, word_posted

_RUNS = 30
_SHOWN = 25


@login_required
def sync(request: HttpRequest, slug: str) -> HttpResponse:
    """How the sync goes, with its runs; a keeper asks for a preview, or for the next one now."""
    actor = reader(request)
    provider = _provider(actor, slug)
    if request.method == "POST":
        actor = keeper(request)
        if word_posted(request, "how", "preview", "sync") == "preview":
            asked = operations.ask_preview(provider, actor=actor, at=timezone.now())
            return redirect_after_write(request, asked.get_absolute_url())
        operations.ask_sync(provider, actor=actor, at=timezone.now())
        messages.success(request, _("It begins in a moment."))
        return redirect_after_write(request, request.path)
    held = DirectorySync.objects.filter(provider=provider).first()
    context = {
        "provider": provider,
        "held": held,
        "next_at": due.promised(SYNCING, IdentityProvider.kind, provider.pk),
        "runs": list(SyncRun.objects.filter(provider=provider).select_related("provider", "asked_by")[:_RUNS]),
        "directory": directory_of(provider.configuration),
        "known": ExternalIdentity.objects.filter(provider=provider, ended_at=None).count(),
        "may_keep": permissions.keepers(actor) and provider.withdrawn_at is None,
    }
    return render(request, "directory/sync.html", context)


@login_required
def run(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One run: how far it is, or what it did, or what it would do. It renews itself while it is under way."""
    actor = reader(request)
    provider = _provider(actor, slug)
    rows = SyncRun.objects.select_related("provider", "asked_by")
    found = rows.filter(provider=provider, pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such run."))
    context = {"provider": provider, "run": found, "kinds": _kinds(found)}
    template = "directory/partials/run.html" if request.headers.get("HX-Request") else "directory/run.html"
    return render(request, template, context)


@login_required
def let_go(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that the directory is right: the people who are named lose their account here."""
    actor = keeper(request)
    provider = _provider(actor, slug)
    held = DirectorySync.objects.select_related("provider").filter(provider=provider).first()
    if held is None or held.held_since is None:
        raise NotFound(_("Nothing waits for a person there."))
    if request.method == "POST":
        operations.let_go(held, actor=actor, version=version_posted(request), at=timezone.now())
        messages.success(request, _("They lose their account in a moment. Who comes back there comes back here."))
        return redirect_after_write(request, held.get_absolute_url())
    people = ExternalIdentity.objects.filter(provider=provider, subject__in=held.leaving).select_related("user")
    context = {"provider": provider, "held": held, "people": people.order_by("user__username")[:_SHOWN],
               "more": max(len(held.leaving) - _SHOWN, 0)}  # fmt: skip
    return render(request, "directory/let_go.html", context)


def _kinds(run: SyncRun) -> list[tuple[str, list[dict[str, Any]], int]]:
    """What a run is about, by kind: in words, who, and how many more."""
    would = run.preview
    words = {
        "left": _("would lose their account") if would else _("have left"),
        "back": _("would come back") if would else _("came back"),
        "made": _("would get an account") if would else _("are new"),
        "changed": _("would change") if would else _("changed"),
    }
    of_them: dict[str, list[dict[str, Any]]] = {kind: [] for kind in words}
    for line in run.lines:
        of_them.setdefault(line["kind"], []).append(line)
    subjects = [line["subject"] for line in run.lines]
    known = ExternalIdentity.objects.filter(provider=run.provider_id, subject__in=subjects).select_related("user")
    accounts = {one.subject: one.user for one in known}
    return [
        (words[kind], [{**line, "user": accounts.get(line["subject"])} for line in lines[:_SHOWN]],
         max(len(lines) - _SHOWN, 0))
        for kind, lines in of_them.items() if lines and kind in words
    ]  # fmt: skip


def _provider(actor: Actor, slug: str) -> IdentityProvider:
    rows = IdentityProvider.objects.visible_to(actor).filter(slug=slug, protocol=Protocol.LDAP)
    found: IdentityProvider | None = rows.first()
    if found is None:
        raise NotFound(_("There is no such directory."))
    return found
