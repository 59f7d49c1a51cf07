from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog.models import Service
        from itsm.search import index

        index.offers(
            Service,
            lambda service: index.Entry(
                service.name, f"/services/{service.slug}/", f"{service.slug} {service.description}", staff_only=False
            ),
        )
