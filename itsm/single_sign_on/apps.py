from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SingleSignOnConfig(AppConfig):
    name = "itsm.single_sign_on"
    label = "single_sign_on"
    beat = {
        "forget used answers of identity providers": {
            "task": "itsm.single_sign_on.tasks.forget",
            "schedule": 900.0,
            "options": {"expires": 800, "priority": 6},
        },
    }

    def ready(self) -> None:
        from itsm.accounts import other_ways, step_up
        from itsm.identity import protocols
        from itsm.identity.vocabulary import Protocol
        from itsm.single_sign_on import addresses, listed
        from itsm.single_sign_on.forms import OidcForm, SamlForm
        from itsm.single_sign_on.oidc import configuration as oidc
        from itsm.single_sign_on.saml import configuration as saml

        other_ways.register(listed.buttons, leaving=listed.signed_out_page)
        step_up.register_renewal(listed.renewal)
        for protocol, module, form, hint in (
            (
                Protocol.OIDC,
                oidc,
                lambda: OidcForm,
                _("Entra ID, Google, Okta, Keycloak: the simplest one."),
            ),
            (Protocol.SAML, saml, lambda: SamlForm, _("ADFS, Shibboleth, and what speaks nothing newer.")),
        ):
            protocols.register(
                protocol,
                protocols.Speaks(
                    checked=module.checked, form=form, shown=module.shown, hint=hint, begins=True,
                    tries="single_sign_on:begin", addresses=addresses.for_protocol,
                ),
            )  # fmt: skip
