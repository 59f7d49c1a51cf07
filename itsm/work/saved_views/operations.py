"""The one way each view is made, changed, kept as a tab and removed."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from itsm.accounts.models import Team, User
from itsm.accounts.permissions import contributors
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor, Role
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted, StaleVersion
from itsm.kernel.texts import is_blank
from itsm.slugs import free_slug
from itsm.work.saved_views import registered
from itsm.work.saved_views.queries import keepers, pinners
from itsm.work.saved_views.registered import Lists, kinds
from itsm.work.view_models import MAX_COLUMNS, MAX_TABS, Arrangement, View

_MOST_OF_ONE = 200


@transaction.atomic
def save_view(
    *,
    actor: Actor,
    record_kind: str,
    name: str,
    query: str = "",
    sort: str = "",
    columns: Sequence[str] = (),
    share: str = View.Share.NONE,
    team: Team | None = None,
    layout: str = View.Layout.LIST,
    group_by: str = "",
) -> View:
    """A view of one's own. Raises NotPermitted, InvalidInput, Conflict (too many)."""
    if not contributors(actor) or actor.id is None:
        raise NotPermitted(_("%(actor_name)s may not save views.") % {"actor_name": actor.name})
    if View.objects.filter(owner=actor.id).count() >= _MOST_OF_ONE:
        raise Conflict(_("One person has at most %(most)s views.") % {"most": _MOST_OF_ONE})
    view = View(
        record_kind=record_kind, owner_id=actor.id, name=name, query=query, sort=sort, columns=list(columns),
        share=share, team=team, layout=layout, group_by=group_by,
    )  # fmt: skip
    _checked(view, actor)
    view.slug = free_slug(name, View.objects.filter(record_kind=record_kind), otherwise="view")
    view.save(force_insert=True)
    record_event("view.saved", view, actor=actor, changes={"query": ["", query], "share": ["", share]})
    return view


@transaction.atomic
def edit_view(view: View, *, actor: Actor, version: int | None = None, **changes: Any) -> View:
    """Change name, query, sort, columns, layout, group_by or share. Raises NotPermitted, InvalidInput, StaleVersion."""
    current = _held(view, actor, version)
    if changes.get("share", current.share) != View.Share.TEAM:
        changes["team"] = None
    said = {name: [_plain(getattr(current, name)), _plain(value)] for name, value in changes.items()}
    said = {name: pair for name, pair in said.items() if pair[0] != pair[1]}
    for name, value in changes.items():
        setattr(current, name, value)
    _checked(current, actor)
    if said:
        current.version += 1
        current.save()
        record_event("view.edited", current, actor=actor, changes=said)
    return current


@transaction.atomic
def delete_view(view: View, *, actor: Actor, version: int | None = None) -> None:
    """Gone, with everybody's tab of it. Raises NotPermitted, StaleVersion."""
    current = _held(view, actor, version)
    record_event("view.deleted", current, actor=actor, changes={"query": [current.query, ""]})
    current.delete()


@transaction.atomic
def pin(view: View, *, actor: Actor) -> View:
    """Keep it as a tab. Raises NotPermitted for programs and readers, Conflict for the tenth."""
    mine = _arrangements(actor, view.record_kind)
    kept = mine.filter(view=view).first()
    if kept is None or not kept.is_tab:
        if mine.filter(is_tab=True).count() >= MAX_TABS:
            raise Conflict(_("At most %(most)s views are tabs; take one away first.") % {"most": MAX_TABS})
        Arrangement.objects.update_or_create(
            user_id=actor.account_id, record_kind=view.record_kind, view=view, defaults={"is_tab": True}
        )
    return view


@transaction.atomic
def unpin(view: View, *, actor: Actor) -> View:
    """It is a tab no longer; nothing where it was none. Raises nothing."""
    kept = Arrangement.objects.filter(user=actor.id, view=view)
    kept.filter(columns=[]).delete()
    kept.update(is_tab=False)
    return view


@transaction.atomic
def choose_columns(record_kind: str, view: View | None, columns: Sequence[str], *, actor: Actor) -> None:
    """Columns of one's own for a view, or for the list; none: as they come. Nobody else's list changes.

    Raises NotPermitted as `pin`, InvalidInput for columns that there are not.
    """
    mine = _arrangements(actor, record_kind).filter(view=view)
    if wrong := _wrong_columns(columns, registered.named(record_kind), actor):
        raise InvalidInput.about("columns", wrong)
    if columns:
        Arrangement.objects.update_or_create(
            user_id=actor.account_id, record_kind=record_kind, view=view, defaults={"columns": list(columns)}
        )
    else:
        mine.filter(is_tab=False).delete()
        mine.update(columns=[])


def _arrangements(actor: Actor, record_kind: str) -> QuerySet[Arrangement]:
    """One's own, held until the transaction ends. Raises NotPermitted."""
    if not pinners(actor) or actor.id is None:
        raise NotPermitted(_("%(actor_name)s has no tabs.") % {"actor_name": actor.name})
    me = User.objects.select_for_update(no_key=True).get(pk=actor.id)
    return Arrangement.objects.filter(user=me, record_kind=record_kind)


def _wrong_columns(columns: Sequence[str], known: Lists, actor: Actor) -> str:
    """What is wrong with them, in words; "" where nothing is."""
    there = known.columns(actor)
    if strange := [one for one in columns if one not in there]:
        return _("There is no column %(name)s.") % {"name": strange[0][:70]}
    if len(set(columns)) != len(columns) or len(columns) > MAX_COLUMNS:
        return _("At most %(most)s columns, each once.") % {"most": MAX_COLUMNS}
    return ""


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """Views of a team that was merged are the other's. Raises nothing."""
    return View.objects.filter(team=old).update(team=new)


def _held(view: View, actor: Actor, version: int | None) -> View:
    current = View.objects.select_for_update(no_key=True).filter(pk=view.pk).first()
    if current is None:
        raise NotFound(_("There is no such view any more."))
    if not keepers(actor, current):
        raise NotPermitted(
            _("%(actor_name)s may not change the view %(name)s.") % {"actor_name": actor.name, "name": current.name}
        )
    if version is not None and version != current.version:
        raise StaleVersion(
            _("The view is at version %(now)s; you read version %(read)s.") % {"now": current.version, "read": version},
            version=current.version,
        )
    return current


def _checked(view: View, actor: Actor) -> None:
    """Raise InvalidInput, all at once, for what no view may say."""
    wrong: dict[str, list[str]] = {}
    known = registered.of(view.record_kind)
    if known is None:
        raise InvalidInput(_("There are no views of that."), {"record_kind": [", ".join(kinds())]})
    if is_blank(view.name):
        wrong["name"] = [_("Give it a name.")]
    if view.sort and view.sort not in known.sorts:
        wrong["sort"] = [_("Known are %(known)s.") % {"known": ", ".join(known.sorts)}]
    if said := _wrong_columns(view.columns, known, actor):
        wrong["columns"] = [said]
    if view.group_by and view.group_by not in known.groups:
        wrong["group_by"] = [_("Known are %(known)s.") % {"known": ", ".join(known.groups)}]
    if (view.share == View.Share.TEAM) != (view.team is not None):
        wrong["team"] = [_("A team is named where the view is for a team, and only there.")]
    elif view.team is not None and not (actor.belongs_to(view.team.pk) or Role.ADMIN in actor.roles):
        wrong["team"] = [_("You are not in this team.")]
    try:
        known.check(view.query, actor)
    except InvalidInput as refusal:
        wrong["query"] = [refusal.detail]
    if wrong:
        raise InvalidInput(_("This cannot be a view."), wrong)


def _plain(value: Any) -> Any:
    return getattr(value, "slug", value)
