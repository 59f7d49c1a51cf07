"""`{% undeliverable_badge person %}`: a red word beside whom no mail reaches; every template knows it."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from itsm.accounts.actors import actor_of
from itsm.mail.boxes.permissions import lifters
from itsm.mail.undeliverable import is_undeliverable
from itsm.ui.templatetags.ui import badge

register = template.Library()


@register.simple_tag(takes_context=True)
def undeliverable_badge(context: Any, person: Any) -> SafeString | str:
    """Nothing for nobody, for who has no address, and where mail arrives. It leads to where mail is let go there again,
    for who may do that."""
    address = getattr(person, "email", "")
    if not address or not is_undeliverable(address):
        return ""
    shown = badge(gettext("mail does not arrive"), "red")
    request = context.get("request")
    if request is None or not lifters(actor_of(request)):
        return shown
    return format_html('<a href="{}">{}</a>', reverse("mailboxes:undeliverable"), shown)
