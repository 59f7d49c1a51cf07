"""Passwords are for people: a service account signs in by token only."""

import unicodedata
from typing import Any

from django.contrib.auth.backends import ModelBackend

from itsm.accounts.models import User
from itsm.composed import First

_SIGNED_IN = First(
    User,
    "person_signed_in",
    f"id = %(id)s AND is_active AND account_type = '{User.AccountType.HUMAN.value}'",
    id="bigint",
)


def guessed_account(request: Any, credentials: dict[str, Any] | None = None) -> str:
    """The account that a sign-in is counted against: names differ by more than case, so ADA is ada here too."""
    typed = (credentials or {}).get("username") or request.POST.get("username") or ""
    return unicodedata.normalize("NFKC", str(typed)).casefold()[:150]


class PeopleOnly(ModelBackend):
    def user_can_authenticate(self, user: Any) -> bool:
        return isinstance(user, User) and user.is_active and user.is_human

    def get_user(self, user_id: int) -> User | None:
        # Deactivating an account ends its sessions with the next request.
        return _SIGNED_IN.find(id=int(user_id))
