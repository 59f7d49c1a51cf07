"""Who sees which views, and how a person keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from itsm.accounts.permissions import colleagues, contributors
from itsm.accounts.queues import hidden_slugs
from itsm.composed import composed
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import NotFound
from itsm.work.grammar import NOT, pairs_of
from itsm.work.view_models import MAX_TABS, Arrangement, View

_QUEUE = "team"


@dataclass(frozen=True, slots=True)
class Arranged:
    """How a person keeps the views of one list: `tabs` in their order, `columns` by the view's id (None: the list)."""

    tabs: list[View] = field(default_factory=list)
    columns: Mapping[int | None, list[str]] = field(default_factory=dict)


def pinners(actor: Actor, view: Any = None) -> bool:
    """People who work here: programs have no tabs."""
    return contributors(actor) and actor.is_human


def keepers(actor: Actor, view: View) -> bool:
    """Whose it is; of what is shared, administrators too."""
    return contributors(actor) and (
        view.owner_id == actor.id or (view.share != View.Share.NONE and Role.ADMIN in actor.roles)
    )


def visible_views(actor: Actor) -> QuerySet[View]:
    """One's own, those of one's teams, and those for everyone who works here; of others' none that names a queue which
    the actor may not see: it would show no row, and tell of it."""
    if not colleagues(actor):
        return View.objects.none()
    shown = Q(owner=actor.id) | Q(share=View.Share.EVERYONE) | Q(share=View.Share.TEAM, team__in=sorted(actor.teams))
    found = View.objects.filter(shown)
    if hidden_slugs(actor):
        others = found.exclude(owner=actor.id)
        telling = [pk for pk, query in others.values_list("pk", "query") if _names_hidden(actor, query)]
        found = found.exclude(pk__in=telling)
    return found


def _names_hidden(actor: Actor, query: str) -> bool:
    """Whether a term of this query names a queue that the actor may not see, however it is written."""
    terms = (value for name, value in pairs_of(query) if name.removeprefix(NOT) == _QUEUE)
    named = {word.strip() for value in terms for word in value.split(",")}
    return not named.isdisjoint(hidden_slugs(actor)) if named else False


def view_named(actor: Actor, record_kind: str, slug: str) -> View:
    """The view of this name, or NotFound (also where it may not be seen)."""
    found = visible_views(actor).filter(record_kind=record_kind, slug=slug[:63].replace("\0", "")).first()
    if found is None:
        raise NotFound(_("There is no view %(name)s, or you may not see it.") % {"name": slug[:63].replace("\0", "")})
    return found


def arranged_by(actor: Actor, record_kind: str) -> Arranged:
    """The views that this person keeps as tabs and still may see, and where they chose columns. One query."""
    if not colleagues(actor) or actor.id is None:
        return Arranged()
    kept = _arranged(actor.id, record_kind).all()
    seen = [one for one in kept if one.view is None or _sees(actor, one.view)]
    tabs = [one.view for one in seen if one.is_tab and one.view is not None]
    return Arranged(tabs[:MAX_TABS], {one.view_id: one.columns for one in seen if one.columns})


@composed
def _arranged(user_id: int, record_kind: str) -> QuerySet[Arrangement]:
    return Arrangement.objects.filter(user=user_id, record_kind=record_kind).select_related("view").order_by("id")


def _sees(actor: Actor, view: View) -> bool:
    """As `visible_views` finds it."""
    if view.owner_id == actor.id:
        return True
    shared = view.share == View.Share.EVERYONE or (view.share == View.Share.TEAM and actor.belongs_to(view.team_id))
    return shared and not _names_hidden(actor, view.query)
