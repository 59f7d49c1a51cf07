"""What the pages of providers share."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from itsm.accounts.actors import actor_permitted
from itsm.accounts.step_up import ask_proof
from itsm.administration.operations import has_other_administrators
from itsm.identity import permissions
from itsm.identity.models import IdentityProvider
from itsm.identity.protocols import Speaks
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotFound


def reader(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.readers, _("By whom people come in is for administrators."))


def keeper(request: HttpRequest) -> Actor:
    return actor_permitted(request, permissions.keepers, _("By whom people come in, administrators say."))


def provider_of(actor: Actor, slug: str) -> IdentityProvider:
    found: IdentityProvider | None = IdentityProvider.objects.visible_to(actor).filter(slug=slug).first()
    if found is None:
        raise NotFound(_("There is no such provider."))
    return found


def asks(form: Any, actor: Actor) -> bool:
    """Whether another administrator confirms it; where there is none, the form asks who they are."""
    others = has_other_administrators(actor)
    if not others:
        ask_proof(form, actor)
    return others


def protocol_form(speaks: Speaks, data: Any, configuration: Mapping[str, Any]) -> Any:
    """The protocol's own form, filled in as this configuration says; what it calls advanced is folded away."""
    made = speaks.form()
    initial_of = getattr(made, "initial_of", dict)
    asked = made(data, initial=initial_of(configuration))
    asked.advanced = getattr(made, "advanced", ())
    return asked


def typed(asked: Any) -> dict[str, Any]:
    """What was typed into a protocol's form that is valid; not checked yet."""
    said = getattr(asked, "configuration", None)
    return dict(asked.cleaned_data) if said is None else said()
