"""What histories say of policies, providers and how people are reached."""

from django.utils.translation import gettext_lazy as _

POLICY = {
    "created": _("made this policy"),
    "edited": _("changed it"),
    "steps_edited": _("changed whom it pages"),
    "went_live": _("let it page from then on"),
    "retired": _("retired it"),
}
PROVIDER = {
    "created": _("named this provider"),
    "edited": _("changed it"),
    "switched_off": _("switched it off"),
    "switched_on": _("switched it on"),
    "rotated": _("gave its reports another address"),
}
PERSON = {
    "user.contact_added": _("added a phone"),
    "user.contact_code_sent": _("asked for another code for a phone"),
    "user.contact_verified": _("verified a phone"),
    "user.contact_removed": _("took a phone away"),
    "user.paging_rules_set": _("said how pages reach them"),
}
