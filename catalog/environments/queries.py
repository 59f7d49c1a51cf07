"""Which environment a word means; what is judged as production. The one source of both."""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext

from catalog.environments.models import MAX_LENGTH, Environment
from catalog.environments.vocabulary import DEFAULT
from itsm.kernel.errors import InvalidInput
from itsm.prepared import Prepared

_CALLED = Prepared(
    "environment_called",
    "SELECT e.name FROM catalog_environmentword w JOIN catalog_environment e ON e.id = w.environment_id "
    "WHERE w.word = %(word)s",
)
_MAX_NEAR = 3


class EnvironmentName(str):
    """The name of an environment as the register has it: looked up, not merely typed."""

    __slots__ = ()


class UnknownEnvironment(InvalidInput):
    """No environment is called so. `known` lists names with their aliases, `near` those that were perhaps meant."""

    def __init__(self, word: str) -> None:
        words = {each.word: one.name for one in environments() for each in one.words.all()}
        close = get_close_matches(word.strip().lower(), words, n=_MAX_NEAR, cutoff=0.6)
        near = list(dict.fromkeys(words[each] for each in close))
        sentence = _sentence(word[:MAX_LENGTH], near)
        super().__init__(sentence, {"environment": [sentence]}, known=sorted(set(words.values())), near=near)


def _sentence(word: str, near: Sequence[str]) -> str:
    said = gettext("There is no environment called “%(word)s”.") % {"word": word}
    if near:
        said += " " + gettext("Did you mean %(near)s?") % {"near": gettext(" or ").join(near)}
    known = ", ".join(spelt(one) for one in environments())
    listed = gettext("Known are %(known)s; administrators and change managers add others.") % {"known": known}
    return f"{said} {listed}"


def spelt(environment: Environment) -> str:
    """`production (live, prod)`."""
    return f"{environment.name} ({', '.join(environment.aliases)})" if environment.aliases else environment.name


def environments() -> QuerySet[Environment]:
    """The register, in its order, with the words of each. Two queries."""
    return Environment.objects.prefetch_related("words")


def environment_called(word: str) -> Environment | None:
    """The environment that this very word stands for, or None. One query."""
    return Environment.objects.filter(words__word=word).first()


def canonical(word: str) -> str:
    """The environment that this word means, in capitals or not. One query; none for what a door has looked up.

    Raises UnknownEnvironment (400, with the list and what was perhaps meant).
    """
    return str(word if isinstance(word, EnvironmentName) else looked_up(word))


def looked_up(word: str) -> EnvironmentName:
    """The same for doors, whose operations need not look again."""
    with connection.cursor() as cursor:
        _CALLED.run(cursor, {"word": word.strip().lower()[: MAX_LENGTH + 1]})
        found = cursor.fetchone()
    if found is None:
        raise UnknownEnvironment(word)
    return EnvironmentName(found[0])


def canonical_all(words: Iterable[str]) -> list[str]:
    """The environments that these words mean, each once, in the order given."""
    return list(dict.fromkeys(canonical(word) for word in words))


def is_production(name: str) -> bool:
    """Whether changes to it are judged as production: also where the register does not know it."""
    found = Environment.objects.filter(name=name).values_list("is_production", flat=True).first()
    return found is not False


def production_names() -> "QuerySet[Environment, str]":
    """The names of those that are judged as production, for `environment__in=`."""
    return Environment.objects.filter(is_production=True).order_by().values_list("name", flat=True)


def choices() -> list[tuple[str, str]]:
    """For forms: the names with their aliases."""
    return [(one.name, spelt(one)) for one in environments()]


# What keeps an environment: those above register what they count, by its name ("12 objectives"), in `ready()`.
Usage = Callable[[str], Iterable[str]]
_usages: list[Usage] = []


def used_by(usage: Usage) -> None:
    """`usage(name)` says in words for people what stands in this environment; nothing where nothing does."""
    if usage not in _usages:
        _usages.append(usage)


def uses(name: str) -> list[str]:
    """What stands in this environment, in words for people."""
    return [word for usage in _usages for word in usage(name)]


def default() -> Any:
    """What a question that names none means."""
    return EnvironmentName(DEFAULT)
