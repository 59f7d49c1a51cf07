"""Asking: what is wanted is judged by the versions that are offered, kept as it was answered, and put to its approvers.

All of it or nothing, in one transaction: a request never stands without its items, nor an item without its asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.items.operations import use_uploads
from catalog.items.queries import look_up_for, offered_by_slug
from catalog.requests import permissions
from catalog.requests.models import Request, RequestItem
from catalog.requests.operations.approving import begin_approvals
from catalog.requests.operations.following import follow_items
from catalog.requests.operations.telling import tell_askers
from catalog.requests.queries.answers import know_version
from catalog.requests.queries.served import may_ask_for, person_of
from catalog.requests.rules import content_hash_of, longest_made, price_of
from catalog.requests.vocabulary import MOST_ITEMS, MOST_MADE, MOST_OF_ONE
from itsm import lifecycle
from itsm.accounts.models import User
from itsm.accounts.operations import require_active
from itsm.fields.form.answering import Answered, Person, answered
from itsm.fields.form.parsing import parse_form
from itsm.fields.kinds import Moment
from itsm.fields.vocabulary import FILE
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, MissingInformation, NotPermitted
from itsm.kernel.texts import is_kept
from itsm.notifications.sayings import saying as _

if TYPE_CHECKING:
    from catalog.items.models import CatalogItem, CatalogItemVersion


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is wanted: the slug of an item, how often, the answers to its form (key -> JSON)."""

    item: str
    quantity: int = 1
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dropped:
    """An answer that was sent and not kept: to a question that these answers do not show."""

    item: str
    key: str


@dataclass(slots=True)
class _Judged:
    wish: Wish
    item: "CatalogItem"
    version: "CatalogItemVersion"
    said: Answered


@transaction.atomic
def submit(
    *, actor: Actor, items: Sequence[Wish], requested_for: User | None = None, cost_centre: str = "",
    at: datetime | None = None,
) -> tuple[Request, list[Dropped]]:  # fmt: skip
    """Ask for these items, for oneself or for somebody else (by what they are entitled to).

    What a bundle holds is asked for with it, with the answers that it has a question for. Returns the request and what
    was not kept of the answers.

    Raises NotPermitted, NotFound (an item that is not offered to whom it is for), InvalidInput naming each answer that
    does not fit, MissingInformation (a cost centre), Conflict (somebody who left).
    """
    now = at or timezone.now()
    asker, served = _people(actor, requested_for)
    wanted = _with_bundles(actor, served, _counted(items))
    person = person_of(served)
    judged = [_judged(actor, person, wish, item, now) for wish, item in wanted]
    _require_answered(judged)
    _require_short(judged)
    _require_one_room(judged)
    if any(one.version.asks_cost_centre for one in judged) and not cost_centre.strip():
        words = gettext("Say which cost centre pays for it.")
        raise MissingInformation(words, missing=[words])
    if not is_kept(cost_centre):
        raise InvalidInput.about("cost_centre", gettext("It has characters in it that nobody can read."))
    request = _begin(actor, asker, served, judged, cost_centre.strip(), now)
    use_uploads({key for one in judged for key in _files(one)}, request, actor=actor)
    for position, one in enumerate(judged, start=1):
        begin_approvals(_add(request, position, one, actor, now), at=now)
    follow_items(request, at=now)
    if served.pk != asker.pk:
        named = {"name": asker, "title": request.title, "request": request.reference}
        subject = _("%(name)s asked for something for you: %(title)s (%(request)s)") % named
        tell_askers(request, actor, "request.submitted", subject, "")
    keys = [Dropped(one.item.slug, key) for one in judged for key in one.said.dropped]
    return request, keys


def _people(actor: Actor, requested_for: User | None) -> tuple[User, User]:
    if not permissions.participants(actor) or actor.id is None:
        raise NotPermitted(gettext("%(name)s may not ask for anything here.") % {"name": actor.name})
    asker = User.objects.get(pk=actor.id)
    served = requested_for or asker
    if served.pk != asker.pk:
        if not may_ask_for(actor, served):
            raise NotPermitted(gettext("You ask for yourself, or for people whom you manage."))
        if not served.is_human:
            raise InvalidInput.about("requested_for", gettext("Things are asked for people."))
        require_active(served)
    return asker, served


def _counted(items: Sequence[Wish]) -> list[Wish]:
    if not items:
        raise InvalidInput.about("items", gettext("Name at least one item."))
    for place, one in enumerate(items):
        if not 1 <= one.quantity <= MOST_OF_ONE:
            words = gettext("Between 1 and %(most)s of one item.") % {"most": MOST_OF_ONE}
            raise _refused({str(place): {"quantity": [words]}}, words)
    return list(items)


def _with_bundles(actor: Actor, served: User, wishes: Sequence[Wish]) -> list[tuple[Wish, "CatalogItem"]]:
    """Each bundle is followed by what it holds, where that is not asked for by itself; bundles hold no bundles."""
    named = {one.item for one in wishes}
    found: list[tuple[Wish, CatalogItem]] = []
    for wish in wishes:
        item = _offered(actor, served, wish.item)
        found.append((wish, item))
        for slug in item.text.bundle:
            if slug not in named:
                named.add(slug)
                part = _offered(actor, served, slug)
                keys = parse_form(part.text.form).definitions
                said = {key: value for key, value in wish.answers.items() if key in keys}
                found.append((Wish(slug, wish.quantity, said), part))
    if len(found) > MOST_ITEMS:
        raise InvalidInput.about("items", gettext("At most %(most)s items at once.") % {"most": MOST_ITEMS})
    return found


def _offered(actor: Actor, served: User, slug: str) -> "CatalogItem":
    """What is not offered to whom it is for answers as what does not exist. Raises NotFound."""
    return offered_by_slug(actor, slug, served=None if served.pk == actor.id else served)


def _judged(actor: Actor, person: Person, wish: Wish, item: "CatalogItem", now: datetime) -> _Judged:
    said = answered(
        parse_form(item.text.form), wish.answers,
        look_up=look_up_for(actor),
        moment=Moment(now, timezone.localdate(now)), person=person, staff=permissions.staff(actor),
    )  # fmt: skip
    return _Judged(wish, item, item.text, said)


def _require_answered(judged: Sequence[_Judged]) -> None:
    wrong = {str(place): {"answers": one.said.errors} for place, one in enumerate(judged) if one.said.errors}
    if wrong:
        sentences = [
            f"{one.version.name}: {said[0]}" for one in judged for said in list(one.said.errors.values())[:3]
        ]  # fmt: skip
        raise _refused(wrong, " ".join(sentences[:5]))


def _require_short(judged: Sequence[_Judged]) -> None:
    """What is answered is put into tasks and changes: nothing there gets longer than anybody reads."""
    for one in judged:
        made, task = longest_made(one.version.fulfilment, one.version.asked, one.said.answers)
        if made > MOST_MADE:
            words = {"item": one.version.name, "task": task, "most": MOST_MADE // 1024, "made": -(-made // 1024)}
            said = gettext(
                "“%(item)s”: with these answers a text of “%(task)s” would have %(made)s KB, and at most %(most)s are "
                "kept. Answer more shortly."
            )
            raise InvalidInput(said % words)


def _refused(by_place: Mapping[str, Any], sentence: str) -> InvalidInput:
    refused = InvalidInput(sentence)
    nested: Any = {"items": by_place}
    refused.errors = nested
    return refused


def _require_one_room(judged: Sequence[_Judged]) -> None:
    """What is handled confidentially is not mixed with what others work on: each would read of the other."""
    secret = [one for one in judged if one.item.team.confidential]
    if secret and len({one.item.team_id for one in judged}) > 1:
        words = gettext("“%(item)s” is handled confidentially: ask for it by itself.") % {
            "item": secret[0].version.name
        }
        raise InvalidInput.about("items", words)


def _files(one: _Judged) -> list[str]:
    """The keys of the files among its answers."""
    known = one.version.asked.definitions
    return [value for key, value in one.said.answers.items() if known[key].type == FILE]


def _begin(
    actor: Actor, asker: User, served: User, judged: Sequence[_Judged], cost_centre: str, now: datetime
) -> Request:
    title = ", ".join(one.version.name for one in judged)
    request = Request(
        by=asker, requested_for=served, title=title if len(title) <= 200 else f"{title[:199]}\N{HORIZONTAL ELLIPSIS}",
        teams=sorted({one.item.team_id for one in judged}), cost_centre=cost_centre, submitted_at=now,
    )  # fmt: skip
    born = {"title": [None, request.title]}
    with lifecycle.step(request, "submit", actor=actor, locked_by_caller=True, born=born):
        pass
    return request


def _add(request: Request, position: int, one: _Judged, actor: Actor, now: datetime) -> RequestItem:
    version, quantity = one.version, one.wish.quantity
    price = price_of(version.price_minor, one.said.surcharge, version.currency, quantity)
    item = RequestItem(
        request=request, position=position, item=one.item, item_version=version.number, name=version.name,
        team=one.item.team, quantity=quantity, answers=one.said.answers, price_minor=price,
        currency=version.currency if price is not None else "", since=now,
        content_hash=content_hash_of(version.hash, quantity, request.requested_for_id, one.said.answers),
    )  # fmt: skip
    with lifecycle.step(item, "submit", actor=actor, locked_by_caller=True, born={"name": [None, item.name]}):
        pass
    know_version(item, version)
    return item
