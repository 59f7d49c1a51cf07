"""A directory as an administrator types it: what is left empty is as the make has it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from itsm.directory.configured import ACTIVE_DIRECTORY, CLEAR, LDAPS, NAMES, OPENLDAP, PRESETS, STARTTLS
from itsm.forms import Form

_MONO = {"class": "mono", "spellcheck": "false", "autocomplete": "off"}
_AD, _OPEN = PRESETS[ACTIVE_DIRECTORY], PRESETS[OPENLDAP]


def _text(label: Any, help_text: Any = "", *, most: int = 500, required: bool = False, such_as: str = "") -> Any:
    widget = forms.TextInput(attrs=_MONO | ({"placeholder": such_as} if such_as else {}))
    return forms.CharField(label=label, max_length=most, required=required, widget=widget, help_text=help_text)


class DirectoryForm(Form):
    """As the forms of other protocols (`itsm.identity.protocols.Speaks`)."""

    advanced = (
        "people_filter", "disabled_filter", "login_attribute", "subject_attribute", "name_attribute", "mail_attribute",
        "group_filter", "member_attribute", "changed_attribute", "minutes", "most_leaving",
    )  # fmt: skip

    make = forms.ChoiceField(
        label=lazy("Make"), choices=[(OPENLDAP, lazy("OpenLDAP, or alike")), (ACTIVE_DIRECTORY, "Active Directory")],
        help_text=lazy("What you leave empty below is as this make calls it."),
    )  # fmt: skip
    host = _text(lazy("Server"), most=253, required=True, such_as="dc1.example.org")
    port = forms.IntegerField(label=lazy("Port"), min_value=1, max_value=65535, initial=636)
    tls = forms.ChoiceField(
        label=lazy("Encryption"), initial=LDAPS,
        choices=[(LDAPS, "LDAPS"), (STARTTLS, "STARTTLS"), (CLEAR, lazy("None, on this machine alone"))],
        help_text=lazy("LDAPS usually goes with port 636, STARTTLS with 389."),
    )  # fmt: skip
    authority = _text(
        lazy("Private authority"),
        lazy("Of whom its certificate is, where no public one's: a file in HEADROOM_SECRETS_DIR without .ca."),
        most=63, such_as="company-ca",
    )  # fmt: skip
    bind_dn = _text(
        lazy("Reads as"), lazy("The DN of an account that may read people and groups, and no more."),
        such_as="cn=headroom,ou=programs,dc=example,dc=org",
    )  # fmt: skip
    credential = _text(
        lazy("Name of its secret"), lazy("The name of a file in HEADROOM_SECRETS_DIR that holds its password."),
        most=63, such_as="directory",
    )  # fmt: skip
    base_dn = _text(lazy("People are below"), required=True, such_as="ou=people,dc=example,dc=org")
    people_filter = _text(lazy("Who is a person"), most=1000, such_as=_OPEN["people_filter"])
    disabled_filter = _text(lazy("Who of them may not come in"), most=1000, such_as=_AD["disabled_filter"])
    login_attribute = _text(lazy("They type"), most=80, such_as=_OPEN["login_attribute"])
    subject_attribute = _text(
        lazy("Known for ever by"), lazy("Never a name or an address: those may become somebody else's."), most=80,
        such_as=_OPEN["subject_attribute"],
    )  # fmt: skip
    name_attribute = _text(lazy("Name"), most=80, such_as=_OPEN["name_attribute"])
    mail_attribute = _text(lazy("Mail address"), most=80, such_as=_OPEN["mail_attribute"])
    believes_addresses = forms.BooleanField(
        label=lazy("Its mail addresses count as verified"), required=False,
        help_text=lazy("Where the company gives the addresses, and nobody changes their own there."),
    )  # fmt: skip
    group_base = _text(lazy("Groups are below"), such_as="ou=groups,dc=example,dc=org")
    group_filter = _text(lazy("What is a group"), most=1000, such_as=_OPEN["group_filter"])
    member_attribute = _text(
        lazy("Its members"), lazy("A mapping names a group by its DN; who is in a group within it is in it too."),
        most=80, such_as=_OPEN["member_attribute"],
    )  # fmt: skip
    changed_attribute = _text(lazy("When an entry changed"), most=80, such_as=_OPEN["changed_attribute"])
    makes_accounts = forms.BooleanField(
        label=lazy("The sync makes accounts"), required=False,
        help_text=lazy("Of everybody whom the policy lets in; else somebody gets one when they sign in first."),
    )  # fmt: skip
    minutes = forms.IntegerField(
        label=lazy("Minutes between two syncs"), min_value=1, max_value=4, initial=2,
        help_text=lazy("Who leaves is out within five minutes."),
    )  # fmt: skip
    most_leaving = forms.IntegerField(
        label=lazy("Ask a person where more leave at once, in percent"), min_value=1, max_value=100, initial=10,
        help_text=lazy("A directory that answers oddly takes the account from nobody."),
    )  # fmt: skip

    @staticmethod
    def initial_of(configuration: Mapping[str, Any]) -> dict[str, Any]:
        """The boxes as this configuration fills them; what is as the make has it stays empty."""
        usual = PRESETS.get(str(configuration.get("make", "")), {})
        known = {"port": 636, "tls": LDAPS, "minutes": 2, "most_leaving": 10}
        said = {name: value for name, value in configuration.items() if name in NAMES and usual.get(name) != value}
        return {**known, **said}

    def configuration(self) -> dict[str, Any]:
        """What was typed, not checked yet."""
        return dict(self.cleaned_data)
