from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IdentityConfig(AppConfig):
    name = "itsm.identity"
    label = "identity"
    settings_pages = (
        ("people", _("How people come in"), _("Single sign-on, directories, and what groups give."), "identity:list"),
    )
    enum_names = {
        "IdentityProtocol": "itsm.identity.vocabulary.Protocol",
        "SignUpPolicy": "itsm.identity.vocabulary.SignUp",
        "ProviderStanding": "itsm.identity.vocabulary.Standing",
        "SignInRefusal": "itsm.identity.vocabulary.Refusal",
        "HowKnown": "itsm.identity.vocabulary.How",
    }
    beat = {
        "apply mappings of identity providers": {
            "task": "itsm.identity.tasks.settle",
            "schedule": 60.0,
            "options": {"expires": 50, "priority": 5},
        },
        "forget refused sign-ins": {
            "task": "itsm.identity.tasks.forget",
            "schedule": 3600.0,
            "options": {"expires": 3000, "priority": 6},
        },
    }

    def ready(self) -> None:
        from itsm.accounts import erasing, other_ways, person_references, signing_in, team_references
        from itsm.approvals import confirming
        from itsm.identity import event_texts as texts
        from itsm.identity import queries
        from itsm.identity.models import ExternalIdentity, GroupMapping, IdentityProvider
        from itsm.identity.operations import allowing, keeping, mappings, providers, provisioning
        from itsm.ui import event_texts

        signing_in.register_check(provisioning.require_open)
        other_ways.register_names(queries.names_of_doors)
        erasing.goes_whole(ExternalIdentity)
        event_texts.tells(IdentityProvider.kind, events=texts.PROVIDER)
        event_texts.tells(GroupMapping.kind, events=texts.MAPPING)
        event_texts.tells("user", events=texts.USER)
        weighs = _("let people in by a provider of identity")
        for action, done in (
            (keeping.TRUST, providers.trust_as_confirmed),
            (keeping.CHANGE, providers.change_as_confirmed),
            (keeping.LINK, allowing.links_as_confirmed),
            (keeping.MAP, mappings.map_as_confirmed),
        ):
            confirming.confirms(action, done, weighs=weighs)
        team_references.register("identity.groupmapping.team", find=lambda team: (), follow=mappings.follow_team)
        person_references.register(
            "identities", _("known by providers of identity"),
            count=queries.count_identities, follow=queries.follow_person,
        )  # fmt: skip
