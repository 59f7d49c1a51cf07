"""What stands in an environment, for the register that asks before one is taken out."""

from collections.abc import Iterator

from django.utils.translation import ngettext

from slo.objectives.models import Objective


def objectives_in(environment: str) -> Iterator[str]:
    """Retired ones count as well: their history names the environment."""
    number = Objective.objects.filter(environment=environment).count()
    if number:
        yield ngettext("%(number)d objective", "%(number)d objectives", number) % {"number": number}
