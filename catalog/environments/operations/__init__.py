"""Every write to the register of environments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from catalog.environments import permissions
from catalog.environments.models import MAX_LENGTH, Environment, EnvironmentWord
from catalog.environments.queries import uses
from catalog.environments.vocabulary import DEFAULT
from catalog.services.models import Service
from itsm import lifecycle
from itsm.accounts import interest
from itsm.approvals.confirming import Difference, propose
from itsm.approvals.models import Confirmation
from itsm.kernel.actors import Actor
from itsm.kernel.errors import Conflict, InvalidInput, NotPermitted, WrongState

EDIT = "catalog: an environment is no longer judged as production"  # or gives up a word
MAX_ALIASES = 20


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

    Raises NotPermitted, InvalidInput, Conflict (a word is taken).
    """
    _check_keeper(actor)
    last = Environment.objects.order_by("-position").values_list("position", flat=True).first() or 0
    environment = Environment(
        name=name.strip().lower(), description=description.strip(), is_production=is_production,
        position=min(last + 10, 32_000) if position is None else position,
    )  # fmt: skip
    _checked(environment)
    try:
        with transaction.atomic():
            environment.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(environment.name) from error
    _set_words(environment, aliases)
    changes = {"is_production": [None, is_production], "aliases": [[], _aliases_of(environment)]}
    return lifecycle.created(environment, actor=actor, changes=changes)


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
    it, that waits for a second person without an interest (`seconded`), and the answer `awaits` them.
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
        relaxes = current.is_production and (released or bool(_given_up(current, aliases)))
        if relaxes and seconded is None and not actor.is_system and uses(current.name):
            current.awaits = _proposed_edit(current, aliases, fields, actor)
            return current
        for field, value in fields.items():
            setattr(current, field, value)
        if aliases is not None:
            before = _aliases_of(current)
            _set_words(current, aliases)
            after = _aliases_of(current)
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


def _check_keeper(actor: Actor) -> None:
    if not permissions.environment_keepers(actor):
        raise NotPermitted(
            gettext("%(actor_name)s may not keep environments; administrators and change managers may.")
            % {"actor_name": actor.name}
        )


def _proposed_edit(
    environment: Environment, aliases: Sequence[str] | None, fields: dict[str, Any], actor: Actor
) -> Confirmation:
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
    words = {"name": environment.name, "words": ", ".join(_given_up(environment, aliases))}
    return gettext("Call %(name)s no longer %(words)s") % words


def _differences(environment: Environment, aliases: Sequence[str] | None, fields: dict[str, Any]) -> list[Difference]:
    """All that the second person would make true, so that nothing comes along unread."""
    said = []
    if fields.get("is_production") is False:
        said.append(Difference(gettext("Judged as production"), gettext("yes"), gettext("no")))
    before = _aliases_of(environment)
    after = before if aliases is None else sorted(_wanted(environment, aliases))
    if after != before:
        said.append(Difference(gettext("Also called"), ", ".join(before) or "–", ", ".join(after) or "–"))
    for field, name in (("description", gettext("Description")), ("position", gettext("Position"))):
        stands = getattr(environment, field)
        if fields.get(field, stands) != stands:
            said.append(Difference(name, str(stands) or "–", str(fields[field]) or "–"))
    return said


def _given_up(environment: Environment, aliases: Sequence[str] | None) -> list[str]:
    """The words that would mean this environment no longer."""
    if aliases is None:
        return []
    return sorted(set(_aliases_of(environment)) - set(_wanted(environment, aliases)))


def _wanted(environment: Environment, aliases: Sequence[str]) -> dict[str, None]:
    wanted = dict.fromkeys(word.strip().lower() for word in aliases)
    wanted.pop(environment.name, None)
    return wanted


def _aliases_of(environment: Environment) -> list[str]:
    found = EnvironmentWord.objects.filter(environment=environment).exclude(word=environment.name)
    return sorted(found.values_list("word", flat=True))


def _set_words(environment: Environment, aliases: Sequence[str]) -> None:
    """Its name and these aliases, and no others. The unique words decide between two who take the same one."""
    wanted = _wanted(environment, aliases)
    if len(wanted) > MAX_ALIASES:
        said = gettext("At most %(most)d aliases.") % {"most": MAX_ALIASES}
        raise InvalidInput(said, {"aliases": [said]})
    EnvironmentWord.objects.filter(environment=environment).exclude(word__in=[environment.name, *wanted]).delete()
    known = set(EnvironmentWord.objects.filter(environment=environment).values_list("word", flat=True))
    for word in [environment.name, *wanted]:
        if word not in known:
            _add_word(environment, word)


def _add_word(environment: Environment, word: str) -> None:
    made = EnvironmentWord(environment=environment, word=word)
    try:
        made.clean_fields(exclude={"environment"})
    except ValidationError as error:
        sentence = gettext("“%(word)s” is no word for an environment: %(why)s")
        words = {"word": word[:MAX_LENGTH], "why": " ".join(error.messages)}
        raise InvalidInput(sentence % words, {"aliases": [sentence % words]}) from error
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(word) from error


def _taken(word: str) -> Conflict:
    other = EnvironmentWord.objects.filter(word=word).select_related("environment").first()
    name = other.environment.name if other else word
    return Conflict(gettext("“%(word)s” already means %(name)s.") % {"word": word, "name": name})


def _checked(environment: Environment) -> None:
    try:
        environment.clean_fields()
    except ValidationError as error:
        words = " ".join(sentence for said in error.message_dict.values() for sentence in said)
        raise InvalidInput(words, error.message_dict) from error
