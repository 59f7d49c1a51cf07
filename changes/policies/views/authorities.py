"""Who decides under a draft of a policy: an authority with the steps that approve before it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from changes.policies import operations as policies
from changes.policies.forms import AuthorityForm, as_typed, fits_the_form
from changes.policies.permissions import policy_keepers
from changes.policies.queries import visible_policies
from changes.policies.queries.grid import draft_of
from changes.policies.vocabulary import DECIDERS
from itsm.accounts.actors import actor_permitted
from itsm.kernel.errors import InvalidInput, NotFound
from itsm.ui.htmx import form_errors_from, posted, redirect_after_write, version_posted


@login_required
def authority(request: HttpRequest, pk: int, decider: str) -> HttpResponse:
    """One authority: what it is called, how many, how long, who approves before."""
    actor = actor_permitted(request, policy_keepers, _("Change managers, people, write and propose policies."))
    found = get_object_or_404(visible_policies(actor), pk=pk)
    known = next((one for one in DECIDERS if one.value == decider), None)
    if known is None:
        raise NotFound(_("There is no such authority."))
    rule = found.content["authorities"][decider]
    form = AuthorityForm(posted(request), initial=as_typed(rule))
    status = 200 if request.method == "GET" else 422
    if request.method == "POST" and form.is_valid():
        with form_errors_from(form) as refused:
            try:
                policies.edit_authority(found, decider, form.said(), actor=actor, version=version_posted(request))
                return redirect_after_write(request, found.get_absolute_url())
            except InvalidInput as hole:
                raise InvalidInput(_sentences(hole)) from hole
        status = refused.status
    context = {
        "policy": found, "form": form, "label": DECIDERS[known], "fits": fits_the_form(rule),
        "may_edit": draft_of(found),
    }  # fmt: skip
    return render(request, "changes/policies/authority.html", context, status=status)


def _sentences(hole: InvalidInput) -> str:
    told = [one.partition(": ")[2] or one for sentences in hole.errors.values() for one in sentences]
    return " ".join(told) or hole.detail
