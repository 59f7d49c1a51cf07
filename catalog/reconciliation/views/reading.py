"""Who may look, and what they say to what they do."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.reconciliation import permissions
from catalog.reconciliation.forms import WhyForm
from itsm.accounts.actors import actor_of
from itsm.kernel.actors import Actor
from itsm.kernel.errors import InvalidInput, NotPermitted


def reader(request: HttpRequest) -> Actor:
    """Who is here. Raises NotPermitted for who does not work here."""
    actor = actor_of(request)
    if not permissions.run_readers(actor):
        raise NotPermitted(_("%(actor_name)s may not see imports.") % {"actor_name": actor.name})
    return actor


def why_posted(request: HttpRequest) -> str:
    """The reason that was given, "" where none was. Raises InvalidInput for what is no text, or too long."""
    form = WhyForm(request.POST)
    if not form.is_valid():
        raise InvalidInput(_("The reason cannot be read."), {"why": [str(one) for one in form.errors["why"]]})
    return str(form.cleaned_data["why"])
