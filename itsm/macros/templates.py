"""Templates of new records: the one way each is made, changed and removed, and what one prefills."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from itsm import lifecycle
from itsm.accounts.models import Team
from itsm.accounts.operations import require_standing
from itsm.audit.recording import record_event
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound, NotPermitted
from itsm.kernel.texts import is_blank
from itsm.macros.models import MAX_TASKS, Template
from itsm.macros.owners import owner_of
from itsm.macros.permissions import may_keep_template, seen_templates
from itsm.slugs import free_slug

_LONGEST_TASK = 200
_PAGES = frozenset({"add"})  # an address beside those of the templates
_MOST_OFFERED = 60


def create_template(
    *,
    actor: Actor,
    record_kind: str,
    name: str,
    team: Team | None = None,
    active: bool = True,
    category: str = "",
    values: Mapping[str, Any] | None = None,
    tasks: Sequence[Mapping[str, Any]] = (),
) -> Template:
    """A template of a team, or for everybody. Raises NotPermitted, InvalidInput (all that is wrong with it)."""
    made = Template(
        record_kind=record_kind, name=name.strip(), team=team, active=active, category=category.strip(),
        values=dict(values or {}), tasks=[dict(one) for one in tasks],
    )  # fmt: skip
    _may(actor, made)
    with transaction.atomic():
        require_standing(team)
        _checked(made, actor)
        among = Template.objects.filter(record_kind=record_kind)
        made.slug = free_slug(made.name, among, otherwise=made.kind, reserved=_PAGES)
        made.save(force_insert=True)
        return lifecycle.created(made, actor=actor, changes={"name": [None, made.name], "values": [None, made.values]})


def edit_template(template: Template, *, actor: Actor, version: int | None, **fields: Any) -> Template:
    """Change name, team, active, category, values or tasks. Records that it made stay as they are.

    Raises NotPermitted, InvalidInput, StaleVersion, VersionRequired.
    """
    _may(actor, template)
    with transaction.atomic(), lifecycle.edit(template, actor=actor, version=version) as current:
        _may(actor, current)
        for field, value in fields.items():
            setattr(current, field, value)
        _may(actor, current)
        if "team" in fields:
            require_standing(current.team)
        _checked(current, actor)
    return current


@transaction.atomic
def delete_template(template: Template, *, actor: Actor, version: int | None = None) -> None:
    """Gone. Raises NotPermitted, StaleVersion."""
    current = lifecycle.locked(template, going=True)
    _may(actor, current)
    lifecycle.check_version(current, version, required=False)
    record_event("template.deleted", current, actor=actor, changes={"values": [current.values, None]})
    current.delete()


def template_named(actor: Actor, record_kind: str, slug: str) -> Template:
    """The template of this slug, in use and among those that the actor is offered. Raises NotFound."""
    cut = slug[:63].replace("\0", "")
    found = seen_templates(actor).filter(record_kind=record_kind, slug=cut, active=True).first()
    if found is None:
        raise NotFound(_("There is no template %(name)s, or you may not see it.") % {"name": cut})
    return found


def offered_templates(actor: Actor, record_kind: str) -> list[Template]:
    """The templates that the actor may begin a new record with, by name."""
    return list(seen_templates(actor).filter(record_kind=record_kind, active=True)[:_MOST_OFFERED])


def shown_values(template: Template, actor: Actor) -> dict[str, Any]:
    """Its values, without what the reader may not see or what is no longer there."""
    stand = prefilled(template, actor)
    return {name: value for name, value in template.values.items() if name in stand}


def template_of_category(actor: Actor, record_kind: str, category: str) -> Template | None:
    """What a record of this category begins with."""
    if not category:
        return None
    return seen_templates(actor).filter(record_kind=record_kind, category=category, active=True).first()


def prefilled(template: Template, actor: Actor) -> dict[str, Any]:
    """Its values as the operation takes them, without what is no longer there or what the actor may not see."""
    return owner_of(template.record_kind).prefill(template.values, actor=actor, strict=False)


def _may(actor: Actor, template: Template) -> None:
    if not may_keep_template(actor, template):
        raise NotPermitted(_("Templates of a team are kept by its leads, those for everybody by administrators."))


def _checked(template: Template, actor: Actor) -> None:
    """Raise InvalidInput, all at once, for what no template may say."""
    owner, wrong = owner_of(template.record_kind), {}
    if is_blank(template.name):
        wrong["name"] = [_("Give it a name.")]
    if not isinstance(template.values, dict):
        wrong["values"] = [_("Send an object of fields.")]
    else:
        try:
            owner.prefill(template.values, actor=actor, strict=True)
        except InvalidInput as refusal:
            wrong["values"] = [sentence for sentences in refusal.errors.values() for sentence in sentences]
    if len(template.tasks) > MAX_TASKS:
        wrong["tasks"] = [_("At most %(most)s tasks.") % {"most": MAX_TASKS}]
    for task in template.tasks:
        title = task.get("title")
        if not isinstance(title, str) or is_blank(title) or len(title) > _LONGEST_TASK:
            wrong["tasks"] = [_("Say what is to do, in at most %(most)s characters.") % {"most": _LONGEST_TASK}]
    taken = Template.objects.filter(record_kind=template.record_kind, category=template.category)
    if template.category and taken.exclude(pk=template.pk).exists():
        wrong["category"] = [_("This category has a template already.")]
    if wrong:
        raise InvalidInput(_("This cannot be a template."), wrong)


def follow_team(old: Team, new: Team, actor: Actor) -> int:
    """Templates of a team that was merged are the other's."""
    return Template.objects.filter(team=old).update(team=new)
