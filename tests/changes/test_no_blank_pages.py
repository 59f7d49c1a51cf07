"""No page of changes that is opened by its address is blank: parts of other pages say something on their own too."""

import re
from itertools import count

import pytest

from tests.api.world import World, browser
from tests.architecture.test_page_matrix import MAY_OPEN, address, names
from tests.slo.proving import IN_FULL, TURN

pytestmark = [pytest.mark.django_db, pytest.mark.heavy]
_ALWAYS = frozenset({"changes:questions", "changes:newly_impacted", "changes:meeting_live"})
_LEAST = 12  # characters that can be read beside the heading
_WHO = ("engineer", "manager", "admin", "owner", "approver")


def read_in(page: str) -> str:
    """What can be read in a page beneath its heading."""
    found = re.search(r"<main.*?</header>(.*)</main>", page, re.S)
    bare = re.sub(r"<(script|style|template)\b.*?</\1>|<[^>]*>", " ", found[1] if found else "", flags=re.S)
    return " ".join(bare.split())


def test_whatever_is_opened_by_its_address_says_something(world: World) -> None:
    blank, turns = [], count(TURN)
    pages = sorted(name for name in set(names()) if name.startswith("changes:") and name in MAY_OPEN)
    for name in pages:
        if not IN_FULL and name not in _ALWAYS and next(turns) % 4:
            continue
        who = next((one for one in _WHO if one in MAY_OPEN[name]), None)
        answer = browser(world.people[who]).get(address(name, world), follow=True) if who else None
        if answer is None or answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            continue
        if len(said := read_in(answer.content.decode())) < _LEAST:
            blank.append(f"{name}: {said!r}")
    assert not blank, "\n".join(blank)
