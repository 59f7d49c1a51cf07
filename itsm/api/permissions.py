"""Every API action has a policy entry: who may call it, and which token scope it needs.

A view lists its entries in `policy`, by action. An action without an entry is closed, and the
route test fails. Which rows an actor sees is the queryset's `visible_to`; this is only the door.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from itsm.accounts import scopes
from itsm.accounts.actors import actor_of
from itsm.accounts.models import User
from itsm.kernel.actors import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """`who` gets the actor alone, `over` the record as well; operations judge again, with the row locked.

    Both are asked before the body is read, and before the record's state is looked at: whoever may not do a thing
    learns nothing else about it.
    """

    who: Callable[[Actor], bool]
    scope: str | tuple[str, ...] = scopes.READ  # of several, any one will do
    over: Callable[[Actor, Any], bool] | None = None


class PolicyEntry(BasePermission):
    """Asks the viewset's `policy` who may do this action, and with which scope; without an entry nobody may."""

    message = "Your role or your token's scope does not allow this."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether role and token allow it. Raises MethodNotAllowed where nothing answers to the method."""
        if not isinstance(request.user, User):
            return False
        action = getattr(view, "action", None)
        if action in {None, "metadata"}:  # nothing here answers to this method
            raise MethodNotAllowed(request.method or "")
        entry: Entry | None = getattr(view, "policy", {}).get(action)
        if entry is None:
            return False
        actor = actor_of(request)
        scopes_in_order = (entry.scope,) if isinstance(entry.scope, str) else entry.scope
        return any(map(actor.may_use, scopes_in_order)) and entry.who(actor)
