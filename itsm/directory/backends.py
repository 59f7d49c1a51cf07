"""People who sign in on the ordinary page with the password of their directory. Guesses are counted before this is
asked (axes stands before it), and a guess that was wrong here counts as any other."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from itsm.accounts.backends import PeopleOnly
from itsm.accounts.models import User
from itsm.accounts.signing_in import provider
from itsm.directory.coming_in import by_password


class DirectoryPassword(PeopleOnly):
    """Asked after the desk's own passwords. `user.came_by` says by which provider they came."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_more: Any
    ) -> User | None:
        """Raises Unavailable where the directory cannot be asked."""
        if not username or not password:
            return None
        found = by_password(username.strip(), password, at=timezone.now())
        if found is None or not self.user_can_authenticate(found[0]):
            return None
        user, by = found
        user.came_by = provider(by.slug)  # type: ignore[attr-defined]
        return user
