"""Who may look, and what they say to what they do."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.reconciliation import permissions
from catalog.reconciliation.forms import WhyForm
from itsm.accounts.actors import actor_permitted
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput


def reader(request: HttpRequest) -> Actor:
    """Who is here. Raises NotPermitted for who does not work here."""
    return actor_permitted(request, permissions.run_readers, _("%(actor_name)s may not see imports."))


def why_posted(request: HttpRequest) -> str:
    """The reason that was given, "" where none was. Raises InvalidInput for what is no text, or too long."""
    form = WhyForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(_("The reason cannot be read."), {"why": [str(one) for one in form.errors["why"]]})
    return str(form.cleaned_data["why"])
