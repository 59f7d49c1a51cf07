"""Words for roles and browsers: {% load people %}."""

import re

from django import template
from django.template import Context
from django.utils.translation import gettext as _

from itsm.accounts import other_ways
from itsm.accounts.models import Role

register = template.Library()

_NAMES = {role.value: role.label for role in Role}
# Told apart in this order: each later browser also names an earlier one.
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS X", "macOS"), ("Linux", "Linux"))  # fmt: skip


@register.filter
def role_name(role: object) -> str:
    """A role's name for people."""
    return str(_NAMES.get(str(role), role))


@register.simple_tag(takes_context=True)
def door_name(context: Context, by: str) -> str:
    """How a session began, from what `itsm.accounts.signing_in` keeps; a provider by its name, asked once a page."""
    known = {
        "password": _("password"), "passkey": _("passkey"), "link": _("set-up link"), "break-glass": _("break-glass"),
        "": _("not known"),
    }  # fmt: skip
    if by in known:
        return known[by]
    page = vars(context["request"])
    if "names_of_doors" not in page:
        page["names_of_doors"] = other_ways.names()
    return str(page["names_of_doors"].get(by) or by.removeprefix("provider:"))


@register.filter
def device_name(agent: str) -> str:
    """A browser and its system as people know them, from what it says of itself."""
    browser = next((name for mark, name in _BROWSERS if re.search(rf"{mark}\w*/", agent)), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or agent[:40] or _("a browser")
