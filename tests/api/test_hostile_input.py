"""Whatever is sent to a write: a clear problem, nothing changed, never a 5xx."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.test import APIClient

from itsm.accounts.models import Token
from itsm.ui.explanations import explained
from tests.api.hostile import SEED, Case, combined, systematic
from tests.api.routes import Route, routes
from tests.api.world import World, bearer, founded, token_of
from tests.slo.proving import IN_FULL

# In full some doors are sent more than two minutes' worth, the busier the machine the longer.
pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=IN_FULL), pytest.mark.timeout(3600)]
WRITES = [route for route in routes() if route.writes]
SHARE, RANDOM_ONES = (1, 10_000) if IN_FULL else (288, 100)
DRAWN = range(10 if IN_FULL else 1)  # the random ones in so many parts, which several workers can take
# A picture of all tables and a company founded anew are dear: some routes share them. A wrong answer names its request;
# what changed although every answer refused is known to be of one of these routes.
_AT_ONCE = 12 if IN_FULL else 24
TOGETHER = [WRITES[at : at + _AT_ONCE] for at in range(0, len(WRITES), _AT_ONCE)]
PROBLEMS = {f"/problems/{code}" for code in explained()}
OF_AUTHORS = {"change-detail", "change-finish-deployment"}


def _committed(transactional_db: None) -> World:
    return founded()


def _standing(world: World) -> World:
    return world


# In full with real commits; the sample in the transaction of the company that stands, where a picture shows as much.
company = pytest.fixture(_committed if IN_FULL else _standing, name="company")


def picture() -> dict[str, str]:
    """A digest of every table, but for when a token was last used."""
    asked = []
    for table in sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True)):
        columns = "(t.id, t.revoked_at)" if table == "accounts_token" else "t"
        digest = f"md5(string_agg({columns}::text, '' ORDER BY {columns}::text))"
        asked.append(f"SELECT '{table}', count(*) || ' ' || coalesce({digest}, '') FROM {table} t")
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        return dict(cursor.fetchall())


def sent(client: APIClient, case: Case) -> HttpResponse:
    headers = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in case.headers.items()}
    if case.hopeless and IN_FULL:  # really committed if it were accepted
        return client.generic(case.method, case.path, case.body, case.content_type, **headers)
    with transaction.atomic():
        answer = client.generic(case.method, case.path, case.body, case.content_type, **headers)
        transaction.set_rollback(not case.hopeless)
    return answer


def _as_agreed(case: Case) -> Case:
    """OpenSLO lets a metric source's `spec` be anything, and is written in YAML, which JSON is too.

    What a source says of an item's attributes is judged document by document: a refused one is a line of the report.
    """
    yaml = case.path.startswith("/api/v1/openslo/") and case.content_type == "application/x-yaml"
    anything = "'metricSource', 'spec'" in case.why or "'documents', 0, 'attributes'" in case.why
    return replace(case, hopeless=False) if yaml or anything else case


def _only_reported(case: Case, answer: HttpResponse) -> bool:
    """OpenSLO answers what is wrong with documents in a list, and then writes nothing."""
    return case.path.startswith("/api/v1/openslo/") and answer.json()["written"] is False


def complaint(case: Case, answer: HttpResponse) -> str:
    """What is wrong with an answer; empty if nothing is."""
    if answer.status_code >= 500:
        return "a failure of ours"
    if answer.status_code < 400:
        return "accepted" if case.hopeless and not _only_reported(case, answer) else ""
    if answer["Content-Type"] != "application/problem+json":
        return answer["Content-Type"]
    said = answer.json()
    if said["type"] not in PROBLEMS or said["status"] != answer.status_code:
        return f"{said['type']} {said['status']}"
    if not (said["title"] and said["detail"] and isinstance(said["retryable"], bool) and answer["X-Request-ID"]):
        return "a problem without words"
    return ""


def client_for(world: World) -> Callable[[str], APIClient]:
    """By a route's name, the client of who may do that."""
    author, admin = (bearer(token_of(world.people[name])) for name in ("author", "admin"))
    Token.objects.update(last_used_at=timezone.now() + timedelta(hours=1))  # else each request, undone, would note it
    return lambda name: author if name in OF_AUTHORS else admin


def tried(client: APIClient, cases: Iterable[Case]) -> Iterator[str]:
    """The complaints about these cases."""
    for case in map(_as_agreed, cases):
        answer = sent(client, case)
        if wrong := complaint(case, answer):
            shown = f"{case.body[:160]!r} {case.headers}"
            yield f"{case.method} {case.path} {case.why}: {answer.status_code} {wrong}: {shown}"


@pytest.mark.parametrize("some", TOGETHER, ids=lambda some: str(some[0]))
def test_one_thing_wrong_at_a_time(some: list[Route], company: World) -> None:
    client, before, wrong = client_for(company), picture(), list[str]()
    for route in some:
        cases = list(systematic(route, company))
        assert len(cases) > 100, route
        wrong += tried(
            client(route.name), (write() for write in cases[WRITES.index(route) % min(SHARE, len(cases)) :: SHARE])
        )
    assert not wrong, "\n".join(wrong[:40])
    assert picture() == before


@pytest.mark.parametrize("part", DRAWN)
def test_several_things_wrong_at_once(part: int, company: World) -> None:
    chance, number = random.Random(SEED + part), RANDOM_ONES // len(DRAWN)
    client = client_for(company)
    by_route = {company.path(route.name): client(route.name) for route in WRITES}
    before, wrong, kinds = picture(), [], Counter()
    for case in islice(combined(WRITES, company, chance), number):
        kinds[case.why] += 1
        wrong += tried(by_route[case.path], [case])
    assert not wrong, "\n".join(wrong[:40])
    assert picture() == before
    assert min(kinds.values()) > number // 5


@pytest.mark.skipif(not IN_FULL, reason="in the sample each route is seen to have a hundred")
def test_there_are_enough_of_them(company: World) -> None:
    different = {write().identity for route in WRITES for write in systematic(route, company)}
    assert len(different) > 10_000
    assert len(different) + RANDOM_ONES >= 20_000
