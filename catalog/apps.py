from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog.services import operations
        from catalog.services.models import Service
        from itsm.approvals.confirming import confirms
        from itsm.search import index
        from itsm.ui import event_texts

        confirms(operations.EDIT, operations.edit_as_confirmed)
        history = {"created": _("added this service"), "rewired": _("changed what it depends on")}
        event_texts.tells(Service.kind, events=history)
        index.offers(
            Service,
            lambda service: index.Entry(
                service.name, f"/services/{service.slug}/", f"{service.slug} {service.description}", staff_only=False
            ),
        )
