"""Sources of alerts: found for who sends, kept by who may."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from incidents.alerts_in import permissions
from incidents.alerts_in.formats import generic
from incidents.alerts_in.models import AlertSource
from incidents.alerts_in.vocabulary import SourceKind
from itsm import lifecycle
from itsm.intake.sources import keep, kept_mapping
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotFound, NotPermitted

EDITABLE = (
    "name", "account", "mapping", "group_by", "settle", "may_acknowledge", "server_url", "credential", "service_label",
    "environment_label",
)  # fmt: skip


def source_of(shape: SourceKind, *, actor: Actor) -> AlertSource:
    """The source of this program, else the one without a program, made with the first alert. Raises nothing."""
    standing = AlertSource.objects.filter(shape=shape, retired_at=None)
    found = standing.filter(account=actor.id).first() or standing.filter(account=None).order_by("pk").first()
    if found is not None:
        return found
    with transaction.atomic():
        source, is_new = AlertSource.objects.get_or_create(
            slug=_free_slug(shape.value), defaults={"name": str(shape.label), "shape": shape}
        )
        return lifecycle.created(source, actor=Actor.system("alerts")) if is_new else source


def _free_slug(word: str) -> str:
    """The word itself unless a source that was retired is called so."""
    taken = AlertSource.objects.filter(slug=word).exclude(retired_at=None)
    return f"{word}-{AlertSource.objects.count() + 1}" if taken.exists() else word


def source_named(slug: str, *, actor: Actor) -> AlertSource:
    """A source with a mapping, for who may bring its alerts. Raises NotFound."""
    found = AlertSource.objects.filter(slug=slug, shape=SourceKind.GENERIC, retired_at=None).first()
    if found is None or (found.account_id is not None and found.account_id != actor.id):
        raise NotFound(gettext("There is no such source of alerts."))
    return found


@transaction.atomic
def add_source(*, actor: Actor, slug: str, shape: str, **fields: Any) -> AlertSource:
    """A new source. Raises NotPermitted, InvalidInput, Conflict (slug or program taken)."""
    _require_keeper(actor)
    source = AlertSource(slug=slug, shape=shape, **_checked(fields))
    keep(source, taken=gettext("There is a source of this name, or one of this program and shape."))
    return lifecycle.created(source, actor=actor, changes={"slug": [None, slug], "shape": [None, shape]})


def edit_source(source: AlertSource, *, actor: Actor, version: int | None, **fields: Any) -> AlertSource:
    """Change these of it. Raises NotPermitted, InvalidInput, Conflict, StaleVersion, VersionRequired."""
    _require_keeper(actor)
    checked = _checked(fields)
    try:
        with lifecycle.edit(source, actor=actor, version=version) as current:
            for name, value in checked.items():
                setattr(current, name, value)
    except IntegrityError as error:
        raise Conflict(gettext("There is a source of this program and shape.")) from error
    return current


def retire_source(source: AlertSource, *, actor: Actor, version: int | None) -> AlertSource:
    """It takes nothing any more; what came stays. Raises NotPermitted, Conflict, StaleVersion, VersionRequired."""
    _require_keeper(actor)
    with lifecycle.edit(source, actor=actor, version=version, event="retired") as current:
        if current.retired_at is not None:
            raise Conflict(gettext("It is retired."))
        current.retired_at = timezone.now()
    return current


def _require_keeper(actor: Actor) -> None:
    if not permissions.keepers(actor):
        raise NotPermitted(gettext("Change managers and administrators keep sources of alerts."))


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in fields.items() if name in EDITABLE}
    if "mapping" in kept:
        kept["mapping"] = checked_mapping(kept["mapping"])
    account = kept.get("account")
    if account is not None and account.is_human:
        raise InvalidInput.about("account", gettext("A program brings alerts, not a person."))
    return kept


def checked_mapping(mapping: Any) -> dict[str, Any]:
    """A mapping as a source keeps it; none, or an empty one: nothing is mapped. Raises InvalidInput."""
    return kept_mapping(mapping, generic.checked)
