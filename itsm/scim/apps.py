from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScimConfig(AppConfig):
    name = "itsm.scim"
    label = "scim"

    def ready(self) -> None:
        from itsm.accounts import erasing
        from itsm.clocks import due
        from itsm.identity import protocols
        from itsm.identity.vocabulary import Protocol
        from itsm.scim import configured, forgetting, operations, together
        from itsm.scim.forms import ScimProviderForm
        from itsm.scim.models import ScimUser

        speaks = protocols.Speaks(
            checked=configured.checked, form=lambda: ScimProviderForm, shown=configured.shown,
            addresses=configured.addresses,
            hint=_("Entra ID, Okta and others write here who works for you, and take away who has left."),
        )  # fmt: skip
        protocols.register(Protocol.SCIM, speaks)
        protocols.trusted_only_if(together.require_said)
        together.listen()
        erasing.goes_whole(ScimUser)
        due.register(operations.FOLLOWING, operations.follow_owed)
        erasing.register("scim_scimuser", count=forgetting.count, forget=forgetting.forget)
