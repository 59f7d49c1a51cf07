"""What an item is, whom it is for, and its picture."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from catalog.items import operations, permissions, queries
from catalog.items.forms.items import TermsForm, WordsForm, terms_as_typed, words_as_typed
from catalog.items.operations.entitling import entitlements_of
from catalog.items.views.building import written_by
from catalog.items.views.lists import categories
from catalog.services.queries import visible_services
from itsm.accounts.actors import actor_of
from itsm.files.receiving import ONE_FILE, takes_attachments
from itsm.kernel.errors import InvalidInput, NotPermitted
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted


@login_required
def words(request: HttpRequest, slug: str) -> HttpResponse:
    """Name, description, price and what else who asks sees: of a live item in a draft beside it."""
    found, actor = written_by(request, slug)
    form = WordsForm(found, visible_services(actor), posted(request), initial=words_as_typed(found, found.newest))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_item(found, actor=actor, at=timezone.now(), **form.said())
            return redirect_after_write(request, f"{found.get_absolute_url()}build/")
        status = refused.status
    context = {"item": found, "version": found.newest, "form": form, "categories": categories()}
    return render(request, "catalog/items/words.html", context, status=status)


@login_required
def terms(request: HttpRequest, slug: str) -> HttpResponse:
    """Who answers for it and who may ask for it: it holds at once."""
    actor = actor_of(request)
    found = queries.read_item(actor, slug)
    if not permissions.keepers(actor, found):
        raise NotPermitted(gettext("Its owner, its team, service owners and change managers say whose it is."))
    begun = terms_as_typed(found, entitlements_of(found))
    form = TermsForm(actor, found, posted(request), initial=begun)
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            operations.edit_item(found, actor=actor, at=timezone.now(), **form.said())
            messages.success(request, gettext("It holds from now on."))
            return redirect_after_write(request, found.get_absolute_url())
        status = refused.status
    return render(request, "catalog/items/terms.html", {"item": found, "form": form}, status=status)


@takes_attachments(ONE_FILE)
@login_required
@require_POST
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """Let its draft show this picture."""
    found, actor = written_by(request, slug)
    sent: Any = request.FILES.get("file")
    if sent is None:
        raise InvalidInput.about("file", gettext("Choose a picture."))
    operations.set_picture(found, sent, actor=actor, version=version_posted(request), at=timezone.now())
    return redirect_after_write(request, f"{found.get_absolute_url()}words/#picture")
