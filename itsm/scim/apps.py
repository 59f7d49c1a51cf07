from django.apps import AppConfig


class ScimConfig(AppConfig):
    name = "itsm.scim"
    label = "scim"

    def ready(self) -> None:
        from itsm.clocks import due
        from itsm.identity import protocols
        from itsm.identity.vocabulary import Protocol
        from itsm.scim import configured, operations

        def form() -> type:
            from itsm.scim.forms import ScimProviderForm

            return ScimProviderForm

        speaks = protocols.Speaks(checked=configured.checked, form=form, shown=configured.shown)
        protocols.register(Protocol.SCIM, speaks)
        due.register(operations.FOLLOWING, operations.follow_owed)
