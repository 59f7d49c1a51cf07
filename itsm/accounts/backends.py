"""Passwords are for people: a service account signs in by token only."""

import unicodedata
from typing import Any

from django.contrib.auth.backends import ModelBackend

from itsm import rows
from itsm.accounts.models import User

_SIGNED_IN = f"id = %s AND is_active AND account_type = '{User.AccountType.HUMAN.value}'"


def guessed_account(request: Any, credentials: dict[str, Any] | None = None) -> str:
    """The account that a sign-in is counted against: names differ by more than case, so ADA is ada here too."""
    typed = (credentials or {}).get("username") or request.POST.get("username") or ""
    return unicodedata.normalize("NFKC", str(typed)).casefold()[:150]


class PeopleOnly(ModelBackend):
    def user_can_authenticate(self, user: Any) -> bool:
        return isinstance(user, User) and user.is_active and user.is_human

    def get_user(self, user_id: int) -> User | None:
        # Deactivating an account ends its sessions with the next request.
        return rows.first(User, _SIGNED_IN, [int(user_id)])
