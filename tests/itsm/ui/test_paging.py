"""Pages by key: nothing twice, nothing missed, forwards and backwards."""

import pytest

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


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("key", ["", "rubbish", "W10", "WzFd", "eyJhIjoxfQ", "\x00", "é"])
def test_a_key_that_was_made_up_starts_at_the_beginning(key: str) -> None:
    assert slugs(paged(Service.objects.all(), {"after": key}, ORDER, size=2)) == ["s0", "s3"]


@pytest.mark.usefixtures("seven")
def test_counting_stops_at_the_limit() -> None:
    assert at_most(Service.objects.all(), 7) == "7"
    assert at_most(Service.objects.all(), 6) == "6+"
