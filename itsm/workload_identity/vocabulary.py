"""The words of workload identity."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Standing(models.TextChoices):
    """How an issuer, or a mapping, stands."""

    PROPOSED = "proposed", _("waits for a second person")
    TRUSTED = "trusted", _("trusted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Reason(models.TextChoices):
    """Why a workload is not let in: stable, for who reads the answer by program."""

    MALFORMED = "malformed", _("it is no token")
    UNTRUSTED = "issuer", _("its issuer is not trusted here")
    ALGORITHM = "algorithm", _("it is signed in a way that is not taken")
    KEY = "key", _("its key is none of its issuer's")
    SIGNATURE = "signature", _("its signature does not hold")
    AUDIENCE = "audience", _("it was made for somebody else")
    EXPIRED = "expired", _("it has expired, or is not valid yet")
    CLAIMS = "claims", _("it does not say what it has to")
    UNMAPPED = "unmapped", _("no account here belongs to this workload")
    AMBIGUOUS = "ambiguous", _("several accounts here belong to this workload")
    USED = "used", _("it was used before")
