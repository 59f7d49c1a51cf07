"""Making, changing and removing macros; what none may say."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.accounts.operations import require_standing
from itsm.accounts.queues import rights_in_queues
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.macros import texts
from itsm.macros.models import MAX_ACTIONS, Macro
from itsm.macros.owners import owner_of
from itsm.macros.permissions import may_keep
from itsm.slugs import free_slug
from itsm.work import actions as work
from itsm.work.actions import Action

_MOST_OF_ONE = 200
_PAGES = frozenset({"add", "templates"})  # addresses beside those of the macros


def create_macro(
    *,
    actor: Actor,
    record_kind: str,
    name: str,
    actions: Sequence[Any],
    share: str = Macro.Share.PERSON,
    team: Team | None = None,
    active: bool = True,
    position: int = 100,
    queues: Sequence[int] = (),
) -> Macro:
    """A macro of one's own, of a team that one leads, or for everyone (administrators). `actions` as JSON has them.

    Raises NotPermitted, InvalidInput (all that is wrong with it), Conflict (a retired team, too many).
    """
    made = Macro(
        record_kind=record_kind, name=name.strip(), share=share, team=team, active=active, position=position,
        queues=list(queues), actions=list(actions),
    )  # fmt: skip
    _belongs(made, actor)
    if made.owner_id is not None and Macro.objects.filter(owner=made.owner_id).count() >= _MOST_OF_ONE:
        raise Conflict(_("One person has at most %(most)s macros.") % {"most": _MOST_OF_ONE})
    with transaction.atomic():
        require_standing(team)
        _checked(made, actor)
        among = Macro.objects.filter(record_kind=record_kind)
        made.slug = free_slug(made.name, among, otherwise=made.kind, reserved=_PAGES)
        made.save(force_insert=True)
        return lifecycle.created(
            made, actor=actor, changes={"name": [None, made.name], "actions": [None, made.actions]}
        )  # fmt: skip


def edit_macro(macro: Macro, *, actor: Actor, version: int | None, **fields: Any) -> Macro:
    """Change name, share, team, active, position, queues or actions. What it did stays as it is.

    Raises NotPermitted, InvalidInput, Conflict, StaleVersion, VersionRequired.
    """
    _may(actor, macro)
    with transaction.atomic(), lifecycle.edit(macro, actor=actor, version=version) as current:
        _may(actor, current)
        for field, value in fields.items():
            setattr(current, field, value)
        if "share" in fields and fields["share"] != Macro.Share.TEAM:
            current.team = None
        _belongs(current, actor)
        if "team" in fields:
            require_standing(current.team)
        _checked(current, actor)
    return current


@transaction.atomic
def delete_macro(macro: Macro, *, actor: Actor, version: int | None = None) -> None:
    """Gone; what it did stays. Raises NotPermitted, StaleVersion."""
    current = lifecycle.locked(macro, going=True)
    _may(actor, current)
    lifecycle.check_version(current, version, required=False)
    record_event("macro.deleted", current, actor=actor, changes={"actions": [current.actions, None]})
    current.delete()


def _may(actor: Actor, macro: Macro) -> None:
    if not may_keep(actor, macro):
        raise NotPermitted(
            _("Macros of a team are kept by its leads, those of everyone by administrators, others by whose they are.")
        )


def _belongs(macro: Macro, actor: Actor) -> None:
    """Whose it is from now on. Raises InvalidInput, NotPermitted."""
    if macro.share not in Macro.Share.values:
        raise InvalidInput(_("This cannot be a macro."), {"share": [", ".join(Macro.Share.values)]})
    if (macro.share == Macro.Share.TEAM) != (macro.team is not None):
        raise InvalidInput.about("team", _("A team is named where the macro is a team's, and only there."))
    if macro.share != Macro.Share.PERSON:
        macro.owner_id = None
    elif macro.owner_id is None:
        macro.owner_id = actor.id
    _may(actor, macro)


def _checked(macro: Macro, actor: Actor) -> None:
    """Raise InvalidInput, all at once, for what no macro may say; keep its actions in one shape."""
    owner_of(macro.record_kind)
    wrong: dict[str, list[str]] = {}
    if is_blank(macro.name):
        wrong["name"] = [_("Give it a name.")]
    rights = rights_in_queues(actor)
    known = set(Team.objects.queues().filter(pk__in=macro.queues).values_list("pk", flat=True))
    if any(pk not in known or not rights.sees(pk) for pk in macro.queues):
        wrong["queues"] = [_("There is no such queue.")]
    if wrong:
        raise InvalidInput(_("This cannot be a macro."), wrong)
    macro.actions = work.to_json(_usable(macro, actor))


def _usable(macro: Macro, actor: Actor) -> list[Action]:
    """Its actions, each of which somebody could carry out somewhere. Raises InvalidInput."""
    actions = work.parse(macro.actions)
    if len(actions) > MAX_ACTIONS:
        raise InvalidInput.about("actions", _("A macro has at most %(most)s parts.") % {"most": MAX_ACTIONS})
    if any(one.kind == "parent" for one in actions):
        raise InvalidInput.about("actions", _("A macro gives no parent: it is another one each time."))
    for one in actions:
        if one.kind == "field" and "attributes" in one.value:
            owner_of(macro.record_kind).prefill({"attributes": one.value["attributes"]}, actor=actor, strict=True)
    texts.check(actions)
    work.check(macro.record_kind, actions, actor=actor)
    return actions


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """Macros of a team that was merged are the other's, and are offered in its queue. Raises nothing."""
    for one in Macro.objects.filter(queues__contains=[old.pk]).order_by("pk"):
        moved = [new.pk if pk == old.pk else pk for pk in one.queues]
        Macro.objects.filter(pk=one.pk).update(queues=list(dict.fromkeys(moved)))
    return Macro.objects.filter(team=old).update(team=new)
