from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "itsm.administration"
    label = "administration"

    def ready(self) -> None:
        from itsm.administration import operations
        from itsm.approvals.confirming import confirms

        confirms(operations.SET, operations.set_as_confirmed)
