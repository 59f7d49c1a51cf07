from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog.services import operations
        from catalog.services.models import Service
        from itsm.approvals.confirming import confirms
        from itsm.search import index

        confirms(operations.EDIT, operations.edit_as_confirmed)
        index.offers(
            Service,
            lambda service: index.Entry(
                service.name, f"/services/{service.slug}/", f"{service.slug} {service.description}", staff_only=False
            ),
        )
