"""Whatever is sent to a write: a clear problem, nothing changed, never a 5xx."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponse
from rest_framework.test import APIClient

from itsm.ui.explanations import explained
from tests.api.hostile import SEED, Case, combined, systematic
from tests.api.routes import Route, routes
from tests.api.world import World, bearer, founded, token_of
from tests.slo.proving import IN_FULL

# In full some doors are sent more than two minutes' worth, the busier the machine the longer.
pytestmark = [pytest.mark.heavy, pytest.mark.django_db(transaction=True), pytest.mark.timeout(3600)]
WRITES = [route for route in routes() if route.writes]
SHARE, RANDOM_ONES = (1, 10_000) if IN_FULL else (24, 350)
PROBLEMS = {f"/problems/{code}" for code in explained()}
OF_AUTHORS = {"change-detail", "change-finish-deployment"}


def picture() -> dict[str, str]:
    """A digest of every table, but for when a token was last used."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(model._meta.db_table for model in apps.get_models(include_auto_created=True)):
            columns = "(t.id, t.revoked_at)" if table == "accounts_token" else "t"
            cursor.execute(
                f"SELECT count(*), md5(string_agg({columns}::text, '' ORDER BY {columns}::text)) FROM {table} t"
            )
            found[table] = str(cursor.fetchone())
    return found


def sent(client: APIClient, case: Case) -> HttpResponse:
    headers = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in case.headers.items()}
    if case.hopeless:  # really committed if it were accepted
        return client.generic(case.method, case.path, case.body, case.content_type, **headers)
    with transaction.atomic():
        answer = client.generic(case.method, case.path, case.body, case.content_type, **headers)
        transaction.set_rollback(True)
    return answer


def _as_agreed(case: Case) -> Case:
    """OpenSLO lets a metric source's `spec` be anything, and is written in YAML, which JSON is too."""
    yaml = case.path.startswith("/api/v1/openslo/") and case.content_type == "application/x-yaml"
    return replace(case, hopeless=False) if yaml or "'metricSource', 'spec'" in case.why else case


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


def client_for(route_name: str, world: World) -> APIClient:
    return bearer(token_of(world.people["author" if route_name in OF_AUTHORS else "admin"]))


def tried(client: APIClient, cases: Iterable[Case]) -> Iterator[str]:
    """The complaints about these cases."""
    for case in map(_as_agreed, cases):
        answer = sent(client, case)
        if wrong := complaint(case, answer):
            shown = f"{case.body[:160]!r} {case.headers}"
            yield f"{case.method} {case.path} {case.why}: {answer.status_code} {wrong}: {shown}"


@pytest.mark.parametrize("route", WRITES, ids=str)
def test_one_thing_wrong_at_a_time(route: Route) -> None:
    world = founded()
    client, before = client_for(route.name, world), picture()
    cases = list(systematic(route, world))
    chosen = [case for number, case in enumerate(cases) if number % SHARE == WRITES.index(route) % SHARE]
    assert len({case.identity for case in cases}) > 100
    wrong = list(tried(client, chosen))
    assert not wrong, "\n".join(wrong[:40])
    assert picture() == before


def test_several_things_wrong_at_once() -> None:
    world, chance = founded(), random.Random(SEED)
    by_route = {world.path(route.name): client_for(route.name, world) for route in WRITES}
    before, wrong, kinds = picture(), [], Counter()
    for case in islice(combined(WRITES, world, chance), RANDOM_ONES):
        kinds[case.why] += 1
        wrong += tried(by_route[case.path], [case])
    assert not wrong, "\n".join(wrong[:40])
    assert picture() == before
    assert min(kinds.values()) > RANDOM_ONES // 5


def test_there_are_enough_of_them() -> None:
    world = founded()
    by_hand = {case.identity for route in WRITES for case in systematic(route, world)}
    assert len(by_hand) > 10_000
    assert len(by_hand) // SHARE + RANDOM_ONES >= (20_000 if IN_FULL else 700)
