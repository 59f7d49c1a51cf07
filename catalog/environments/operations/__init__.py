"""Every write to the register of environments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.environments import permissions
from catalog.environments.models import Environment
from catalog.environments.operations.words import (
    aliases_of,
    check_words,
    given_up,
    set_words,
    taken_on,
    wanted_words,
    word_is_taken,
)
from catalog.environments.queries import production_names, uses
from catalog.environments.vocabulary import DEFAULT
from catalog.services.models import Service
from itsm import lifecycle
from itsm.accounts import interest
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted, WrongState

# Or a word that meant production, or nothing, comes to mean something that is not.
EDIT = "catalog: an environment is no longer judged as production"


@transaction.atomic
def create_environment(
    *,
    actor: Actor,
    name: str,
    aliases: Sequence[str] = (),
    is_production: bool = False,
    description: str = "",
    position: int | None = None,
) -> Environment:
    """A new environment. `aliases`: other words for it.

    A word that nobody knew was refused until now. Where something stands in production, one that is not to be judged
    as production is made as if it were, until a second person without an interest confirms that (`awaits`).
    Raises NotPermitted (also for who has an interest there), InvalidInput, Conflict (a word is taken).
    """
    _check_keeper(actor)
    waits = not is_production and _waits_for_a_second(actor)
    last = Environment.objects.order_by("-position").values_list("position", flat=True).first() or 0
    environment = Environment(
        name=name.strip().lower(), description=description.strip(), is_production=is_production or waits,
        position=min(last + 10, 32_000) if position is None else position,
    )  # fmt: skip
    _checked(environment)
    try:
        with transaction.atomic():
            environment.save(force_insert=True)
    except IntegrityError as error:
        raise word_is_taken(environment.name) from error
    set_words(environment, aliases)
    changes = {"is_production": [None, environment.is_production], "aliases": [[], aliases_of(environment)]}
    lifecycle.created(environment, actor=actor, changes=changes)
    if waits:
        environment.awaits = _proposed_edit(environment, None, {"is_production": False}, actor)
    return environment


def edit_environment(
    environment: Environment,
    *,
    actor: Actor,
    version: int | None,
    aliases: Sequence[str] | None = None,
    seconded: Confirmation | None = None,
    **fields: Any,
) -> Environment:
    """Change description, position, aliases, or whether it is judged as production (`is_production`).

    What is no longer judged as production lets changes through that people decide about today, and so does a word that
    production gives up, as another environment may take it while pipelines go on saying it. Where anything stands in
    it, that waits for a second person without an interest (`seconded`), and the answer `awaits` them. So does a new
    word for what is not judged as production, where anything stands in production.
    Raises NotPermitted, InvalidInput, Conflict (a word is taken), StaleVersion, VersionRequired.
    """
    _check_keeper(actor)
    with lifecycle.edit(environment, actor=actor, version=version) as current:
        released = fields.get("is_production") is False
        if current.is_production and released and current.name == DEFAULT:
            raise InvalidInput(
                gettext("%(name)s is always judged as production.") % {"name": DEFAULT},
                {"is_production": [gettext("always judged as production")]},
            )
        if seconded is None and _relaxes(current, aliases, fields, actor):
            current.awaits = _proposed_edit(current, aliases, fields, actor)
            return current
        for field, value in fields.items():
            setattr(current, field, value)
        if aliases is not None:
            before = aliases_of(current)
            set_words(current, aliases)
            after = aliases_of(current)
            if before != after:
                lifecycle.announce(current, "renamed", actor=actor, changes={"aliases": [before, after]})
                current.version += 1  # its words are part of what a reader's ETag stands for
                current.save(update_fields=["version"])
    return current


@transaction.atomic
def remove_environment(environment: Environment, *, actor: Actor, version: int | None) -> None:
    """Take out what nothing stands in. Raises NotPermitted, StaleVersion, WrongState (it is in use, or the default)."""
    _check_keeper(actor)
    with lifecycle.edit(environment, actor=actor, version=version) as current:
        standing = uses(current.name)
        if current.name == DEFAULT:
            standing = [gettext("questions that name no environment"), *standing]
        if standing:
            words = {"name": current.name, "uses": ", ".join(standing)}
            raise WrongState(gettext("%(name)s is in use: %(uses)s.") % words)
        lifecycle.announce(current, "removed", actor=actor, changes={"name": [current.name, None]})
    environment.delete()


def edit_as_confirmed(confirmation: Confirmation, actor: Actor, at: datetime) -> None:
    """The edit that a second person confirmed; StaleVersion where the environment has changed since."""
    kept = confirmation.payload
    environment = Environment.objects.get(pk=confirmation.record_id)
    edit_environment(
        environment, actor=actor, version=kept["version"], aliases=kept["aliases"], seconded=confirmation,
        **kept["fields"],
    )  # fmt: skip


def _relaxes(environment: Environment, aliases: Sequence[str] | None, fields: dict[str, Any], actor: Actor) -> bool:
    """Whether a second person has to confirm this edit."""
    if environment.is_production:
        released = fields.get("is_production") is False or bool(given_up(environment, aliases))
        return released and not actor.is_system and bool(uses(environment.name))
    stays_out = not fields.get("is_production", False)
    return stays_out and bool(taken_on(environment, aliases)) and _waits_for_a_second(actor)


def _waits_for_a_second(actor: Actor) -> bool:
    """Whether what this actor says alone could be a way around what stands in production."""
    return not actor.is_system and any(uses(name) for name in production_names())


def _check_keeper(actor: Actor) -> None:
    if not permissions.environment_keepers(actor):
        raise NotPermitted(
            gettext("%(actor_name)s may not keep environments; administrators and change managers may.")
            % {"actor_name": actor.name}
        )


def _proposed_edit(
    environment: Environment, aliases: Sequence[str] | None, fields: dict[str, Any], actor: Actor
) -> Confirmation:
    check_words(environment, wanted_words(environment, [] if aliases is None else aliases))
    services = list(Service.objects.values_list("pk", flat=True))
    interest.require_no_interest(actor, services, doing=gettext("take an environment out of production"))
    return propose(
        environment,
        actor=actor,
        at=timezone.now(),
        action=EDIT,
        subject=_subject(environment, aliases, fields),
        payload={
            "version": environment.version,
            "fields": fields,
            "aliases": None if aliases is None else list(aliases),
        },
        differences=_differences(environment, aliases, fields),
        services=services,
    )


def _subject(environment: Environment, aliases: Sequence[str] | None, fields: dict[str, Any]) -> str:
    if fields.get("is_production") is False:
        return gettext("Judge %(name)s no longer as production") % {"name": environment.name}
    lost = given_up(environment, aliases)
    words = {"name": environment.name, "words": ", ".join(lost or taken_on(environment, aliases))}
    if lost:
        return gettext("Call %(name)s no longer %(words)s") % words
    return gettext("Call %(name)s, which is not judged as production, also %(words)s") % words


def _differences(environment: Environment, aliases: Sequence[str] | None, fields: dict[str, Any]) -> list[Difference]:
    """All that the second person would make true, so that nothing comes along unread."""
    said = []
    if fields.get("is_production") is False:
        said.append(Difference(gettext("Judged as production"), gettext("yes"), gettext("no")))
    before = aliases_of(environment)
    after = before if aliases is None else sorted(wanted_words(environment, aliases))
    if after != before:
        said.append(Difference(gettext("Also called"), ", ".join(before) or "–", ", ".join(after) or "–"))
    for field, name in (("description", gettext("Description")), ("position", gettext("Position"))):
        stands = getattr(environment, field)
        if fields.get(field, stands) != stands:
            said.append(Difference(name, str(stands) or "–", str(fields[field]) or "–"))
    return said


def _checked(environment: Environment) -> None:
    try:
        environment.clean_fields()
    except ValidationError as error:
        words = " ".join(sentence for said in error.message_dict.values() for sentence in said)
        raise InvalidInput(words, error.message_dict) from error
