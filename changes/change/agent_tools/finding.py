"""Records by the names that an agent gives, as far as its owner may see them."""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from catalog.services.queries import called, visible_services
from changes.change_models.models import ChangeModel
from itsm.api.nearest import did_you_mean
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from catalog.models import Service


def service_called(slug: str, eyes: Actor) -> "Service":
    """With its team. Raises NotFound, with what it may have been."""
    found = called(slug, eyes)
    if found is None:
        near = did_you_mean(slug, visible_services(eyes).values_list("slug", flat=True))
        raise NotFound(_("There is no such service, or you may not see it.") + near)
    return found


def model_called(slug: str) -> ChangeModel:
    """Raises InvalidInput, with what it may have been."""
    found = ChangeModel.objects.filter(slug=slug).first()
    if found is None:
        near = did_you_mean(slug, ChangeModel.objects.values_list("slug", flat=True).order_by("slug"))
        raise InvalidInput.about("model", _("There is no such change model.") + near)
    return found
