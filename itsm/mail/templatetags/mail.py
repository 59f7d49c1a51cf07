"""`{% undeliverable_badge person %}`: a red word beside whom no mail reaches; every template knows it."""

from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from itsm.mail.undeliverable import is_undeliverable
from itsm.ui.templatetags.ui import badge

register = template.Library()


@register.simple_tag
def undeliverable_badge(person: Any) -> SafeString | str:
    """Nothing for nobody, for who has no address, and where mail arrives."""
    address = getattr(person, "email", "")
    if not address or not is_undeliverable(address):
        return ""
    return badge(gettext("mail does not arrive"), "red")
