"""History of providers and mappings in words."""

from django.utils.translation import gettext_lazy as _

PROVIDER = {
    "created": _("began to set it up"),
    "trusted": _("let people in by it"),
    "withdrawn": _("withdrew it: nobody comes in by it any more"),
    "tested": _("tried to sign in by it"),
    "linking_allowed": _("let people here be known by it"),
}
MAPPING = {
    "created": _("mapped a group"),
    "trusted": _("let it hold"),
    "withdrawn": _("ended it"),
}
USER = {
    "provisioned": _("was given what the provider's groups say"),
    "identity_linked": _("is known by a provider"),
}
