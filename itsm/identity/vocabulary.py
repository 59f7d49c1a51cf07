"""The words of identity."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Protocol(models.TextChoices):
    """How a provider says who somebody is."""

    OIDC = "oidc", _("OpenID Connect")
    SAML = "saml", _("SAML 2.0")
    LDAP = "ldap", _("LDAP or Active Directory")
    SCIM = "scim", _("SCIM 2.0")


class SignUp(models.TextChoices):
    """For whom an account is made who has none here."""

    INVITED = "invited", _("nobody: an administrator adds people first")
    DOMAINS = "domains", _("whose verified address is of one of these domains")
    EVERYBODY = "everybody", _("everybody whom the provider lets in")


class Standing(models.TextChoices):
    """How a provider, or a mapping, stands."""

    DRAFT = "draft", _("being set up")
    TRUSTED = "trusted", _("trusted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class How(models.TextChoices):
    """Which account somebody has, or gets."""

    KNOWN = "known", _("known")
    LINKED = "linked", _("linked to the account that waits for them")
    NEW = "new", _("gets a new account")
    REFUSED = "refused", _("is not let in")


class Refusal(models.TextChoices):
    """Why somebody whom a provider vouches for is not let in here: stable, for who reads the answer by program."""

    NOT_TRUSTED = "not_trusted", _("the provider is not trusted here")
    NOT_INVITED = "not_invited", _("no account waits for them")
    DOMAIN = "domain", _("the address is of no domain that is let in")
    UNVERIFIED = "unverified", _("the provider does not say that the address is verified")
    CLOSED = "closed", _("the account here is closed")
    DOUBLE = "double", _("somebody here has that address, and would be there twice")
    INCOMPLETE = "incomplete", _("the provider does not say who it is")
    BAD_ANSWER = "bad_answer", _("the provider's answer does not hold")
    UNREACHABLE = "unreachable", _("the provider cannot be asked")
    DENIED = "denied", _("the provider let them not in")
    PASSWORD = "password", _("user name or password are not right")
