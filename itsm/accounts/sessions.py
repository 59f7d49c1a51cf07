"""Django's sessions in a table that says whose they are: they can be listed and ended, and no key lies in it.

A session of somebody who is no longer active is not stored, whichever came first: storing waits for a deactivation
that is under way, and a deactivation ends what was stored before it.
"""

from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from itsm import rows
from itsm.accounts.models import Session

DEVICE, ADDRESS_CLASS, BY, STRONG = "device", "address_class", "by", "strong"
_SEEN_TO = timedelta(minutes=5)
IDLE_FOR = timedelta(hours=4)  # a browser that nobody uses is signed out; a page that is open asks again by itself


def hashed(key: str) -> str:
    """What is kept of a session's key."""
    return salted_hmac("itsm.accounts.sessions", key, algorithm="sha256").hexdigest()


class SessionStore(SessionBase):
    """The store that SESSION_ENGINE names; see the module."""

    def load(self) -> dict[str, Any]:
        """The session's values; none where the key opens nothing, has expired, or was
        not used for four hours. Notes that it was seen."""
        now = timezone.now()
        used = [hashed(self.session_key or ""), now, now - IDLE_FOR]
        row = rows.first(Session, "key_hash = %s AND expires_at > %s AND last_seen_at > %s", used)
        if row is None:
            self._session_key = None
            return {}
        if now - row.last_seen_at > _SEEN_TO:
            Session.objects.filter(pk=row.pk).update(last_seen_at=now)
        return dict(self.decode(row.data))

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key_hash=hashed(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:  # that key is taken
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Store the values. UpdateError where the session was ended meanwhile, or its person is no longer active."""
        if self.session_key is None:
            self.create()
            return
        values = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        user_id = values.get(SESSION_KEY)
        row = Session(
            key_hash=hashed(self.session_key),
            user_id=int(user_id) if user_id is not None else None,
            data=self.encode(values),
            device=str(values.get(DEVICE, ""))[:200],
            address_class=str(values.get(ADDRESS_CLASS, ""))[:12],
            by=str(values.get(BY, ""))[:80],
            strong=bool(values.get(STRONG)),
            created_at=timezone.now(),
            last_seen_at=timezone.now(),
            expires_at=self.get_expiry_date(),
        )
        try:
            with transaction.atomic():
                _require_active(row.user_id)
                _store(row, must_create)
        except IntegrityError as error:
            if must_create:
                raise CreateError from error
            raise

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(key_hash=hashed(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(expires_at__lt=timezone.now()).delete()


def _store(row: Session, must_create: bool) -> None:
    if must_create:
        row.save(force_insert=True)
        return
    names = ("user_id", "data", "device", "address_class", "by", "strong", "last_seen_at", "expires_at")
    if not Session.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in names}):
        raise UpdateError


def _require_active(user_id: int | None) -> None:
    """Hold the account as it stands until the session is stored."""
    if user_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts_user WHERE id = %s AND is_active FOR SHARE", [user_id])
        if cursor.fetchone() is None:
            raise UpdateError
