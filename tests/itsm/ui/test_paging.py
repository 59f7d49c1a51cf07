"""Pages by key: nothing twice, nothing missed, forwards and backwards."""

import json
from base64 import urlsafe_b64encode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import Service
from itsm.ui.paging import at_most, paged

ORDER = ("tier", "slug")


@pytest.fixture
def seven(db: None) -> None:
    Service.objects.bulk_create(Service(slug=f"s{n}", name=f"S{n}", tier=1 + n % 3) for n in range(7))


def slugs(page: object) -> list[str]:
    return [service.slug for service in page]  # type: ignore[attr-defined]


@pytest.mark.usefixtures("seven")
def test_forwards_and_back_again_sees_each_row_once() -> None:
    everything = [service.slug for service in Service.objects.order_by(*ORDER)]
    first = paged(Service.objects.all(), {}, ORDER, size=3)
    second = paged(Service.objects.all(), {"after": first.after}, ORDER, size=3)
    third = paged(Service.objects.all(), {"after": second.after}, ORDER, size=3)
    assert slugs(first) + slugs(second) + slugs(third) == everything
    assert (first.before, third.after) == ("", "")
    assert slugs(paged(Service.objects.all(), {"before": third.before}, ORDER, size=3)) == slugs(second)
    back = paged(Service.objects.all(), {"before": second.before}, ORDER, size=3)
    assert slugs(back) == slugs(first)
    assert back.before == "", "nothing comes before the first page"


@pytest.mark.parametrize("order", [ORDER, ("-tier", "-id"), ("name",)])
@given(tiers=st.lists(st.integers(1, 4), max_size=14), size=st.integers(1, 5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_walking_the_pages_is_the_whole_list_both_ways(
    order: tuple[str, ...], tiers: list[int], size: int, db: None
) -> None:
    Service.objects.all().delete()
    Service.objects.bulk_create(Service(slug=f"s{n}", name=f"S{n}", tier=tier) for n, tier in enumerate(tiers))
    everything = [service.slug for service in Service.objects.order_by(*order)]
    page, there, back = paged(Service.objects.all(), {}, order, size), list[str](), list[str]()
    for _ in range(len(tiers) + 1):
        there += slugs(page)
        if not page.after:
            break
        page = paged(Service.objects.all(), {"after": page.after}, order, size)
    while True:
        back = slugs(page) + back
        if not page.before:
            break
        page = paged(Service.objects.all(), {"before": page.before}, order, size)
    assert there == back == everything


@pytest.mark.usefixtures("seven")
def test_a_page_is_one_comparison_of_rows_without_an_or() -> None:
    first = paged(Service.objects.all(), {}, ORDER, size=3)
    with CaptureQueriesContext(connection) as seen:
        paged(Service.objects.all(), {"after": first.after}, ORDER, size=3)
    asked = seen[0]["sql"]
    assert '("catalog_service"."tier", "catalog_service"."slug") > (' in asked
    assert " OR " not in asked


def test_an_order_of_two_directions_is_refused() -> None:
    with pytest.raises(ValueError, match="one direction"):
        paged(Service.objects.all(), {}, ("tier", "-id"))


def of(*values: object) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("key", [of("x", "s0"), of(10**30, "s0"), of(1, "a\0b"), of(1, None), of(1), of([1], "s0")])
def test_a_key_with_values_that_no_row_could_have_starts_at_the_beginning(key: str) -> None:
    assert slugs(paged(Service.objects.all(), {"after": key}, ORDER, size=2)) == ["s0", "s3"]


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("key", ["", "rubbish", "W10", "WzFd", "eyJhIjoxfQ", "\x00", "é"])
def test_a_key_that_was_made_up_starts_at_the_beginning(key: str) -> None:
    assert slugs(paged(Service.objects.all(), {"after": key}, ORDER, size=2)) == ["s0", "s3"]


@pytest.mark.usefixtures("seven")
def test_counting_stops_at_the_limit() -> None:
    assert at_most(Service.objects.all(), 7) == "7"
    assert at_most(Service.objects.all(), 6) == "6+"
