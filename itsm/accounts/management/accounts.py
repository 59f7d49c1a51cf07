"""Accounts as commands name them."""

from django.core.management.base import CommandError

from itsm.accounts.models import User


def account_called(login: str) -> User:
    """The account of this login, in any case. Raises CommandError where there is none."""
    found = User.objects.filter(username__iexact=login).first()
    if found is None:
        raise CommandError(f"There is no account called {login}.")
    return found
