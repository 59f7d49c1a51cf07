from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog.services import operations, queries
        from catalog.services.models import Service
        from itsm.approvals.confirming import confirms
        from itsm.search import offers
        from itsm.ui import event_texts

        confirms(operations.EDIT, operations.edit_as_confirmed)
        history = {"created": _("added this service"), "rewired": _("changed what it depends on")}
        event_texts.tells(Service.kind, events=history)
        offers.offers(Service, queries.as_found, is_thing=True)
