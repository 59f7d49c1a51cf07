"""Mailboxes as people type them."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from itsm.accounts.models import Team
from itsm.forms import Form
from itsm.mail.models import Mailbox
from itsm.slugs import slug_of, slug_shape

_NOWHERE = {"autocomplete": "off", "spellcheck": "false"}
# As Microsoft wants it, for example.
_TOKEN_URL = "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"  # noqa: S105 -- an address
_AUTHORIZE_URL = "https://login.microsoftonline.com/TENANT/oauth2/v2.0/authorize"
_SCOPE = "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"


class MailboxForm(Form):
    """Who it is for, whom its mail comes from, and how it is read."""

    address = forms.EmailField(
        label=_("Address"), max_length=254, widget=forms.EmailInput(attrs={"placeholder": "support@example.org"})
    )
    team: Any = forms.ModelChoiceField(
        label=_("Team"),
        queryset=None,
        help_text=_("What comes in is opened in its queue; its answers leave from here."),
    )
    aliases = forms.CharField(
        label=_("Other addresses of it"), required=False, max_length=13_000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false"}),
        help_text=_("One a line. Mail to any of them lies in the same mailbox."),
    )  # fmt: skip
    from_name = forms.CharField(
        label=_("Name of the sender"), max_length=120, required=False, help_text=_("Empty: the name of the team.")
    )
    signature = forms.CharField(
        label=_("Signature"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES,
        help_text=_("Of mail to people who have said none of their own."),
    )  # fmt: skip
    is_open = forms.BooleanField(
        label=_("People whom nobody knows may write to it"), required=False,
        help_text=_("They get an account as guests. Otherwise their mail is parked for somebody to look at."),
    )  # fmt: skip
    is_default = forms.BooleanField(
        label=_("What belongs to no other mailbox leaves from here"), required=False,
        help_text=_("One mailbox at a time: it is taken from the one that has it."),
    )  # fmt: skip
    host = forms.CharField(
        label=_("IMAP server"), max_length=253, required=False,
        widget=forms.TextInput(attrs=_NOWHERE | {"placeholder": "imap.example.org"}),
        help_text=_("Read each minute. Empty: nothing is fetched, programs hand mail in over the API."),
    )  # fmt: skip
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65_535, initial=993)
    security = forms.ChoiceField(
        label=_("Encryption"), choices=Mailbox.Security.choices, initial=Mailbox.Security.TLS.value,
        help_text=_("STARTTLS usually goes with port 143. Nothing is sent in the clear."),
    )  # fmt: skip
    folder = forms.CharField(label=_("Folder"), max_length=120, initial="INBOX")
    auth = forms.ChoiceField(
        label=_("Sign-in"), choices=Mailbox.Auth.choices, widget=forms.RadioSelect,
        initial=Mailbox.Auth.PASSWORD.value,
    )  # fmt: skip
    username = forms.CharField(
        label=_("User name"), max_length=254, required=False, widget=forms.TextInput(attrs=_NOWHERE),
        help_text=_("Empty: the address."),
    )  # fmt: skip
    credential = forms.CharField(
        label=_("Name of the secret"), max_length=63, required=False, validators=[slug_shape],
        widget=forms.TextInput(attrs=_NOWHERE | {"placeholder": "mail-support"}),
        help_text=_(
            "A name, never the secret itself: an administrator puts the password, or the client's secret, into a file "
            "of this name in HEADROOM_SECRETS_DIR. For OAuth 2 the refresh token lies beside it as name.refresh."
        ),
    )  # fmt: skip
    authority = forms.CharField(
        label=_("Private authority"), max_length=63, required=False, validators=[slug_shape],
        widget=forms.TextInput(attrs=_NOWHERE | {"placeholder": "company-ca"}),
        help_text=_("Of whom its certificate is, where no public one's: a file in HEADROOM_SECRETS_DIR without .ca."),
    )  # fmt: skip
    token_url = forms.CharField(
        label=_("Token address"), max_length=300, required=False,
        widget=forms.URLInput(attrs=_NOWHERE | {"placeholder": _TOKEN_URL}),
    )  # fmt: skip
    authorize_url = forms.CharField(
        label=_("Sign-in address"), max_length=300, required=False,
        widget=forms.URLInput(attrs=_NOWHERE | {"placeholder": _AUTHORIZE_URL}),
        help_text=_("Where an administrator signs in for it. Empty: the refresh token is put into its file by hand."),
    )  # fmt: skip
    client_id = forms.CharField(
        label=_("Client id"), max_length=200, required=False, widget=forms.TextInput(attrs=_NOWHERE)
    )
    scope = forms.CharField(
        label=_("Scope"), max_length=300, required=False,
        widget=forms.TextInput(attrs=_NOWHERE | {"placeholder": _SCOPE}),
    )  # fmt: skip
    token_expires_at = forms.DateTimeField(
        label=_("The sign-in ends"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Such as the end of a client's secret: you are warned 14, 7 and 1 days before."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team: Any = self.fields["team"]
        team.queryset = Team.objects.queues()

    def fields_said(self) -> dict[str, Any]:
        """As the operations take them."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in {"version", "slug"}}
        said["aliases"] = said["aliases"].replace(",", " ").split()
        return said


class NewMailboxForm(MailboxForm):
    def slug(self) -> str:
        """Its key in files and addresses, made of its address; a number where that is taken."""
        wanted = slug_of(self.cleaned_data["address"].partition("@")[0].replace(".", "-"))[:58] or "mailbox"
        taken = set(Mailbox.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
        return next(
            one for n in range(1, len(taken) + 2) if (one := wanted if n == 1 else f"{wanted}-{n}") not in taken
        )


class EditMailboxForm(MailboxForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


def as_typed(mailbox: Mailbox) -> dict[str, Any]:
    """A mailbox as its form shows it."""
    names = (
        "address", "team", "from_name", "signature", "language", "is_open", "is_default", "host", "port",
        "security", "folder", "auth", "username", "credential", "authority", "token_url", "authorize_url", "client_id",
        "scope", "token_expires_at", "version",
    )  # fmt: skip
    return {name: getattr(mailbox, name) for name in names} | {"aliases": "\n".join(mailbox.aliases)}
