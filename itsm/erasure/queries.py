"""What an erasure would mask, and why it cannot be done; looked at before, and again after."""

import json
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext as _

from itsm.accounts import erasing
from itsm.accounts.models import User
from itsm.accounts.naming import naming_columns, sealed_tables
from itsm.erasure import holding
from itsm.erasure.models import Erasure, LegalHold

# Rows of accounts themselves are emptied by name; failed sign-ins and the words that help to spell are deleted.
OWN = ("accounts_user", "accounts_emailaddress", "erasure_erasureword",
       "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog",
       "search_word")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """`words`: what they are or were called, those that are looked for everywhere; `plain`: single words, looked for
    only where a column names somebody. `found`: rows by table and column. `blocked`: why it cannot be done."""

    words: list[str]
    plain: list[str]
    found: dict[str, int]
    blocked: str
    hold: LegalHold | None
    erased: Erasure | None

    @property
    def total(self) -> int:
        """How many rows name them."""
        return sum(self.found.values())


def words_of(person: User) -> list[tuple[str, bool]]:
    """What a person is or was called, and whether that is a plain word."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, plain FROM erasure_words(%s)"
            " UNION SELECT word, plain FROM erasure_erasureword WHERE user_id = %s ORDER BY 1",
            [person.pk, person.pk],
        )
        return [(str(word), bool(plain)) for word, plain in cursor.fetchall()]


def skipped() -> list[str]:
    """Tables that no mask goes over: those that a hash proves, and those that are emptied by name."""
    return [*OWN, *sealed_tables()]


def counted_rows(person: User) -> dict[str, int]:
    """Rows that name them, by table and column."""
    beside = erasing.counts(person, only_count=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT erasure_count(%s, %s, %s)", [person.pk, skipped(), naming_columns()])
        (found,) = cursor.fetchone()
    counts = json.loads(found) if isinstance(found, str) else found
    return dict(sorted((counts | beside).items()))


def tables() -> list[str]:
    """Every table in which a name may stand."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tab FROM erasure_columns(%s) ORDER BY 1", [skipped()])
        return [str(table) for (table,) in cursor.fetchall()]


def preview(person: User, *, counted: bool = True) -> Preview:
    """What erasing them would do as things stand now. Nothing is changed. `counted`: with the rows that name them."""
    words = words_of(person)
    hold = LegalHold.objects.filter(user=person).select_related("by").first()
    return Preview(
        words=[word for word, plain in words if not plain],
        plain=[word for word, plain in words if plain],
        found=counted_rows(person) if counted else {},
        blocked=why_not(person),
        hold=hold,
        erased=Erasure.objects.filter(user=person).first(),
    )


def why_not(person: User) -> str:
    """Why this person cannot be erased now, in a sentence; empty where they can."""
    if not person.is_human:
        return _("Only people are erased; a program is deactivated.")
    if person.is_active:
        return _("Deactivate the account first: then what it answers for goes to somebody else.")
    hold = LegalHold.objects.filter(user=person).first()
    if hold is not None:
        return _("A legal hold keeps their names: %(reason)s") % {"reason": hold.reason}
    on_records = holding.naming(person)
    if on_records is not None:
        said = {"which": on_records.reference, "reason": on_records.reason}
        return _("A legal hold on %(which)s, which names them, keeps their names: %(reason)s") % said
    return ""
