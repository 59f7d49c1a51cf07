"""What Headroom brings along: the environments that nearly everybody has, until somebody changes them."""

from typing import Any, NamedTuple

from catalog.environments.models import Environment, EnvironmentWord
from catalog.environments.vocabulary import DEFAULT


class Seed(NamedTuple):
    """One environment of a new installation."""

    name: str
    aliases: tuple[str, ...]
    is_production: bool
    description: str


SEEDS = (
    Seed(DEFAULT, ("prod", "prd", "live"), True, "What customers use."),
    Seed("staging", ("stage", "stg"), False, "Like production, without its customers."),
    Seed("test", ("testing", "qa"), False, "Where people and programs test."),
    Seed("integration", ("int",), False, "Where the parts of several teams meet."),
    Seed("preview", ("review",), False, "One for each proposed change, for a while."),
    Seed("sandbox", (), False, "To try things out."),
    Seed("development", ("dev", "develop"), False, "Where it is written."),
)


def seed(**_sent: Any) -> None:
    """After migrating: fills an empty register. Safe to run again, also at the same time."""
    if Environment.objects.exists():
        return
    made = [
        Environment(
            name=one.name, description=one.description, is_production=one.is_production, position=10 * number
        )
        for number, one in enumerate(SEEDS, start=1)
    ]  # fmt: skip
    Environment.objects.bulk_create(made, ignore_conflicts=True)
    known = dict(Environment.objects.values_list("name", "pk"))
    EnvironmentWord.objects.bulk_create(
        [
            EnvironmentWord(word=word, environment_id=known[one.name])
            for one in SEEDS
            for word in (one.name, *one.aliases)
        ],
        ignore_conflicts=True,
    )
