"""What catalog items store."""

from catalog.items.models.entitlements import Entitlement
from catalog.items.models.items import CatalogItem
from catalog.items.models.uploads import FormUpload
from catalog.items.models.versions import CatalogItemVersion

__all__ = ["CatalogItem", "CatalogItemVersion", "Entitlement", "FormUpload"]
