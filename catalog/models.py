"""What the app stores, for Django; a folder per sub-domain holds it."""

from catalog.services.models import Dependency, Service, Tier, slug_shape

__all__ = ["Dependency", "Service", "Tier", "slug_shape"]
