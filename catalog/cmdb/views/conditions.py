"""What a monitor found of an item, ended by a person who looked."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.cmdb import operations
from catalog.cmdb.forms import ClearForm
from catalog.cmdb.queries.conditions import open_conditions
from catalog.cmdb.queries.items import by_reference
from catalog.cmdb.views.record import author
from itsm.kernel.errors import InvalidInput
from itsm.ui.htmx import redirect_after_write


@login_required
@require_POST
def clear(request: HttpRequest, reference: str, row: int) -> HttpResponse:
    """It is over, whatever its monitor still says."""
    actor = author(request)
    item = by_reference(actor, reference)
    found = get_object_or_404(open_conditions(item), pk=min(row, 2**62))
    form = ClearForm(request.POST)
    if not form.is_valid():
        raise InvalidInput.about("why", _("Say how you know that it is over."))
    operations.clear_condition(found, actor=actor, why=form.cleaned_data["why"])
    messages.success(request, _("It is over; its monitor may say it again."))
    return redirect_after_write(request, item.get_absolute_url())
