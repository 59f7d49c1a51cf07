"""Interest: the one rule about whose evidence, guards and history a verdict may believe.

A change must not be judged by what those who want it can make more lenient. Who wants it is counted in natural persons:
a program counts as the person who owns it. What lies above registers who has a stake (open changes do, in
`changes.apps`); measurements, objectives, incidents and the catalog ask here and import nobody above them.
"""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext

from itsm.accounts.raised import require_not_raised
from itsm.kernel.actors import Actor
from itsm.kernel.errors import NotPermitted


class Stake(NamedTuple):
    """An account that wants something decided about a service, and the record that says so ("CHG-00042").

    `services`: about which of those that were asked for; None: about each of them.
    """

    account_id: int
    reference: str
    services: frozenset[int] | None = None


Source = Callable[[Collection[int]], Iterable[Stake]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """`source(service_ids)` gives the stakes in what is open about these services. Called once, in `ready()`."""
    if source not in _sources:
        _sources.append(source)


def natural_persons(account_ids: Iterable[int | None]) -> frozenset[int]:
    """The people behind these accounts: of a program its owner, of a person that person, of an account that was merged
    the one into which, to the end. One query."""
    return _of_each(account_ids, "SELECT person FROM accounts_persons(%s::bigint[])")


def natural_person_of_each(account_ids: Iterable[int | None]) -> dict[int, int]:
    """The person behind each of these accounts. One query."""
    known = sorted({account_id for account_id in account_ids if account_id is not None})
    if not known:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT account, person FROM accounts_persons(%s::bigint[])", [known])
        return dict(cursor.fetchall())


def same_person(one: str, other: str) -> str:
    """SQL, true where one natural person is behind an account of `one` and one of `other`: arrays of bigint, as SQL."""
    return (
        f"EXISTS (SELECT FROM accounts_persons({one}) this"
        f" JOIN accounts_persons({other}) that ON that.person = this.person)"
    )


def persons_ever_behind(account_ids: Iterable[int | None]) -> frozenset[int]:
    """The people whose word that of these accounts is: of a program its owner and all who owned it before. One query.

    For measurements and attestations: who hands a program over made it, and may go on holding its token.
    """
    return _of_each(
        account_ids,
        "SELECT person FROM accounts_persons(ARRAY("
        "SELECT unnest(id || former_owners) FROM accounts_user WHERE id = ANY(%s)))",
    )


def _of_each(account_ids: Iterable[int | None], sql: str) -> frozenset[int]:
    known = sorted({account_id for account_id in account_ids if account_id is not None})
    if not known:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(sql, [known])
        return frozenset(person_id for (person_id,) in cursor.fetchall())


def accounts_of(person_ids: Iterable[int | None]) -> frozenset[int]:
    """These people, and every program and merged account that counts as one of them, programs of merged accounts too;
    of an account that is no person, what counts as the person behind it. One query."""
    known = sorted({person_id for person_id in person_ids if person_id is not None})
    if not known:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM accounts_counting_as(ARRAY(SELECT person FROM accounts_persons(%s::bigint[])))", [known]
        )
        return frozenset(account_id for (account_id,) in cursor.fetchall())


def counting_as(account_id: int | None) -> RawSQL:
    """Of a query: this account, its programs, and what was merged into it with theirs; of a program, not what else its
    owner has; of None nothing."""
    return RawSQL("SELECT id FROM accounts_counting_as(ARRAY[%s]::bigint[])", [account_id])


def accounts_of_person(person_id: int | None) -> list[int]:
    """Their own account, and those that were merged into it: what these asked for is theirs. One query."""
    if person_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u.id FROM accounts_counting_as(ARRAY[%s]::bigint[]) own JOIN accounts_user u ON u.id = own.id"
            " WHERE u.owner_id IS NULL AND u.id <> %s ORDER BY u.id",
            [person_id, person_id],
        )
        return [person_id, *(account_id for (account_id,) in cursor.fetchall())]


def stakes_in(service_ids: Collection[int]) -> list[Stake]:
    """Every stake in what is open about these services, as the accounts stand in the records."""
    return [stake for source in _sources for stake in source(service_ids)]


def stakes_in_each(service_ids: Collection[int]) -> dict[int, list[Stake]]:
    """The same for each service by itself, in as many queries as for one."""
    found: dict[int, list[Stake]] = {service_id: [] for service_id in service_ids}
    for stake in stakes_in(list(found)):
        for service_id in found.keys() if stake.services is None else found.keys() & stake.services:
            found[service_id].append(stake)
    return found


def stake_of(actor: Actor, service_ids: Collection[int]) -> Stake | None:
    """One stake of this actor, or of the person or a program behind it; None for who has no interest."""
    return _own(actor, stakes_in(service_ids)) if actor.person_id is not None else None


def _own(actor: Actor, stakes: Collection[Stake]) -> Stake | None:
    if not stakes:
        return None
    mine = accounts_of([actor.person_id])
    return next((stake for stake in stakes if stake.account_id in mine), None)


def require_no_interest(actor: Actor, service_ids: Collection[int], *, doing: str) -> None:
    """Raise NotPermitted for programs, for people with a stake, and for whom one of these made able to act lately.

    `doing`: what is refused ("retire an objective").

    Headroom itself may; what it does follows from rules that nobody bends.
    """
    if actor.is_system:
        return
    if not actor.is_human:
        raise NotPermitted(
            gettext("Programs do not %(doing)s: it could make an answer of the gate more lenient. A person does it.")
            % {"doing": doing}
        )
    stakes = stakes_in(service_ids)
    stake = _own(actor, stakes)
    if stake is None:
        require_not_raised(actor, {one.account_id for one in stakes}, reference=gettext("what is judged by this"))
    else:
        raise NotPermitted(
            gettext(
                "%(actor_name)s has an interest in %(reference)s, which is judged by this; somebody without one may "
                "%(doing)s."
            )
            % {"actor_name": actor.name, "reference": stake.reference, "doing": doing}
        )
