"""The keys of a trusted issuer, as `itsm.openid.keys` reads them, kept in its row."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from jwt import PyJWK

from itsm.openid import keys
from itsm.workload_identity.errors import WorkloadRefused
from itsm.workload_identity.models import TrustedIssuer
from itsm.workload_identity.vocabulary import Reason

_REASONS = {keys.Wrong.KEY: Reason.KEY, keys.Wrong.ALGORITHM: Reason.ALGORITHM}


def key_of(issuer: TrustedIssuer, kid: str, algorithm: str, *, at: datetime) -> PyJWK:
    """The issuer's key of this name, bound to this algorithm.

    Raises WorkloadRefused (there is none, or it does not sign like that), Unavailable (the issuer cannot be asked).
    """
    try:
        return keys.key_of(_Kept(issuer), kid, algorithm, at=at)
    except keys.KeyRefused as refused:
        raise WorkloadRefused(_REASONS[refused.wrong], str(refused)) from refused


class _Kept:
    """See `itsm.openid.keys.Keyring`."""

    def __init__(self, row: TrustedIssuer) -> None:
        self._row = row

    @property
    def issuer(self) -> str:
        return self._row.issuer

    @property
    def keys(self) -> dict[str, Any]:
        return dict(self._row.keys)

    @property
    def read_at(self) -> datetime | None:
        return self._row.keys_read_at

    @property
    def last_error(self) -> str:
        return self._row.last_error

    def may_ask(self, at: datetime) -> bool:
        due = Q(keys_asked_at=None) | Q(keys_asked_at__lte=at - keys.ASKED_AT_MOST)
        if TrustedIssuer.objects.filter(due, pk=self._row.pk).update(keys_asked_at=at):
            return True
        self._row.refresh_from_db()
        return False

    def failed(self, why: str) -> None:
        self._row.last_error = why
        TrustedIssuer.objects.filter(pk=self._row.pk).update(last_error=why)

    def keep(self, found: dict[str, Any], at: datetime) -> None:
        with transaction.atomic():
            current = TrustedIssuer.objects.select_for_update(of=("self",), no_key=True).get(pk=self._row.pk)
            current.keys, current.last_error = keys.pinned(current.keys, found)
            current.keys_read_at = at
            current.save(update_fields=["keys", "keys_read_at", "last_error"])
        self._row.keys, self._row.keys_read_at, self._row.last_error = current.keys, at, current.last_error
