"""The words by which an environment is called: each means one, and what an edit gives up or takes on."""

from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from catalog.environments.models import MAX_LENGTH, Environment, EnvironmentWord
from itsm.kernel.errors import Conflict, InvalidInput

MAX_ALIASES = 20


def given_up(environment: Environment, aliases: Sequence[str] | None) -> list[str]:
    """The words that would mean this environment no longer."""
    if aliases is None:
        return []
    return sorted(set(aliases_of(environment)) - set(wanted_words(environment, aliases)))


def taken_on(environment: Environment, aliases: Sequence[str] | None) -> list[str]:
    """The words that would come to mean this environment."""
    if aliases is None:
        return []
    return sorted(set(wanted_words(environment, aliases)) - set(aliases_of(environment)))


def wanted_words(environment: Environment, aliases: Sequence[str]) -> dict[str, None]:
    """The aliases as they are kept, each once: without spaces around, in small letters, without the name itself."""
    wanted = dict.fromkeys(word.strip().lower() for word in aliases)
    wanted.pop(environment.name, None)
    return wanted


def aliases_of(environment: Environment) -> list[str]:
    """The aliases that stand, sorted. One query."""
    found = EnvironmentWord.objects.filter(environment=environment).exclude(word=environment.name)
    return sorted(found.values_list("word", flat=True))


def set_words(environment: Environment, aliases: Sequence[str]) -> None:
    """Its name and these aliases, and no others. The unique words decide between two who take the same one.

    Raises InvalidInput and Conflict as `check_words` does.
    """
    wanted = wanted_words(environment, aliases)
    check_words(environment, wanted)
    EnvironmentWord.objects.filter(environment=environment).exclude(word__in=[environment.name, *wanted]).delete()
    known = set(EnvironmentWord.objects.filter(environment=environment).values_list("word", flat=True))
    for word in [environment.name, *wanted]:
        if word not in known:
            _add_word(environment, word)


def check_words(environment: Environment, wanted: Collection[str]) -> None:
    """InvalidInput for too many and for what is no word, Conflict for one that means another environment."""
    if len(wanted) > MAX_ALIASES:
        raise InvalidInput.about("aliases", gettext("At most %(most)d aliases.") % {"most": MAX_ALIASES})
    for word in wanted:
        try:
            EnvironmentWord(environment=environment, word=word).clean_fields(exclude={"environment"})
        except ValidationError as error:
            sentence = gettext("“%(word)s” is no word for an environment: %(why)s")
            words = {"word": word[:MAX_LENGTH], "why": " ".join(error.messages)}
            raise InvalidInput.about("aliases", sentence % words) from error
    others = EnvironmentWord.objects.filter(word__in=wanted).exclude(environment=environment)
    taken = others.order_by("word").first()
    if taken is not None:
        raise word_is_taken(taken.word)


def _add_word(environment: Environment, word: str) -> None:
    try:
        with transaction.atomic():
            EnvironmentWord.objects.create(environment=environment, word=word)
    except IntegrityError as error:
        raise word_is_taken(word) from error


def word_is_taken(word: str) -> Conflict:
    """The refusal of a word that means another environment, which it names. One query."""
    other = EnvironmentWord.objects.filter(word=word).select_related("environment").first()
    name = other.environment.name if other else word
    return Conflict(gettext("“%(word)s” already means %(name)s.") % {"word": word, "name": name})
