"""The service that is asked about."""

from django.utils.translation import gettext

from catalog.services.queries import visible_services
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput


def service_id(actor: Actor, slug: str) -> int:
    """Its number, as far as the actor sees it. Raises InvalidInput where there is none."""
    found = visible_services(actor).filter(slug=slug).values_list("pk", flat=True).first() if slug else None
    if found is None:
        raise InvalidInput.about(
            "service", gettext("Name one service by its slug, such as service=checkout; each is shown by itself.")
        )
    return int(found)
