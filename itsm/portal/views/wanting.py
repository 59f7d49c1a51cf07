"""Asking for an item of the catalog: its form, for oneself or for somebody whom one may ask for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from catalog.items.forms import draw, files_among, keep_files, sent_answers
from catalog.items.queries import bundle_for, judge, offered_by_slug
from catalog.requests.operations import Wish, submit
from catalog.requests.queries import may_ask_for, servable
from catalog.requests.vocabulary import MOST_OF_ONE
from itsm.accounts.actors import actor_permitted
from itsm.accounts.models import User
from itsm.files.receiving import MESSAGE, takes_attachments
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, MissingInformation, NotFound
from itsm.markdown import to_html
from itsm.portal import permissions
from itsm.portal.queries.shared import shares_with
from itsm.ui.htmx import redirect_after_write

if TYPE_CHECKING:
    from catalog.items.models import CatalogItemVersion

_FOR_THE_FORM = (InvalidInput, MissingInformation, Conflict)


@takes_attachments(MESSAGE)
@login_required
def want(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of an item, and what comes of it: a request. What is not offered is not there."""
    actor = actor_permitted(
        request, permissions.participants, gettext("%(actor_name)s reads everything and changes nothing.")
    )
    served = _served(actor, request.GET.get("for", ""))
    item = offered_by_slug(actor, slug, served)
    sent = request.POST if request.method == "POST" else None
    raw = sent_answers(item.text, sent) if sent is not None else None
    refused: Any = None
    if sent is not None and raw is not None:
        try:
            _keep_files(item.text, request, raw, actor, served)
            wish = Wish(item.slug, _quantity(sent.get("quantity", "1")), raw)
            cost_centre = sent.get("cost_centre", "")[:60]
            made, _dropped = submit(actor=actor, items=[wish], requested_for=served, cost_centre=cost_centre)
            return redirect_after_write(request, made.get_absolute_url())
        except _FOR_THE_FORM as error:
            refused = error
    said = _errors(refused)
    if raw is not None:
        raw |= dict.fromkeys(files_among(item.text, said), "")  # a file that was refused is chosen anew
    context = {
        "item": item, "version": item.text, "html": to_html(item.text.description), "served": served,
        "form": draw(item.text, actor=actor, served=served, raw=raw, errors=said), "refused": refused,
        "is_about_answers": bool(said), "bundle": bundle_for(item.text, actor, served), "most": MOST_OF_ONE,
        "quantity": sent.get("quantity", "1")[:4] if sent is not None else "1",
        "cost_centre": sent.get("cost_centre", "")[:60] if sent is not None else "",
        "may_serve": _may_serve(actor), **_found(actor, request.GET.get("name", "")), "shared_with": shares_with(actor),
    }  # fmt: skip
    return render(request, "portal/want.html", context, status=422 if refused is not None else 200)


def _keep_files(
    version: "CatalogItemVersion", request: HttpRequest, raw: dict[str, Any], actor: Actor, served: User | None
) -> None:
    """Files first; where one is refused, the other answers are judged as well, so that all is said at once."""
    served_id = served.pk if served is not None else None
    wrong = keep_files(version, request.FILES, raw, actor=actor, at=timezone.now(), served_id=served_id)
    if wrong:
        told = judge(version, raw, actor=actor, at=timezone.now(), served=served).errors | wrong
        refused = InvalidInput(next(iter(wrong.values()))[0])
        nested: Any = {"items": {"0": {"answers": told}}}
        refused.errors = nested
        raise refused


def _served(actor: Actor, name: str) -> User | None:
    """Whom it is for; None for oneself. Raises NotFound for whom the actor may not ask for, there or not."""
    if not name:
        return None
    found = User.objects.filter(username__iexact=name[:150].replace("\0", ""), is_active=True).first()
    if found is None or not found.is_human or not may_ask_for(actor, found):
        raise NotFound(gettext("You ask for yourself, or for people whom you manage: %(name)s is not among them.")
                       % {"name": name[:150]})  # fmt: skip
    return found if found.pk != actor.id else None


def _found(actor: Actor, text: str) -> dict[str, Any]:
    """People of this name; of a manager all of theirs at once."""
    text = text[:100]
    return {"name": text, "found_people": servable(actor, text)}


@login_required
@require_safe
def whom(request: HttpRequest, slug: str) -> HttpResponse:
    """For whom it may be asked: people by name, as a part while it is typed."""
    actor = actor_permitted(
        request, permissions.participants, gettext("%(actor_name)s reads everything and changes nothing.")
    )
    item = offered_by_slug(actor, slug)
    context = {"item": item, **_found(actor, request.GET.get("name", ""))}
    return render(request, "portal/partials/whom.html", context)


def _may_serve(actor: Actor) -> bool:
    """Whether there is anybody else whom they may ask for."""
    return permissions.staff(actor) or User.objects.filter(manager=actor.id, is_active=True).exists()


def _quantity(text: str) -> int:
    if not text.strip().isascii() or not text.strip().isdigit() or len(text.strip()) > 4:
        raise InvalidInput.about("quantity", gettext("Between 1 and %(most)s of one item.") % {"most": MOST_OF_ONE})
    return int(text)


def _errors(refused: Any) -> Mapping[str, Sequence[str]]:
    """Sentences by question, of the item itself: what it is bundled with has no form here."""
    by_place: Any = getattr(refused, "errors", {}).get("items", {})
    found: Mapping[str, Sequence[str]] = by_place.get("0", {}).get("answers", {}) if isinstance(by_place, dict) else {}
    return found
