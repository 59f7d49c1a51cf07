"""What an entry says has one form: no two different entries share it, whatever signs people write."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.slo.proving import examples

pytestmark = pytest.mark.django_db
_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=6) | st.sampled_from(
    ['"', '","', "(", "),(", "\\", '\\"', " ", "", "é", "\n", '",']
)
_ENTRY = st.tuples(_TEXT, _TEXT, _TEXT, st.one_of(st.none(), st.integers(0, 3)))
_HASH = """
SELECT encode(audit_content(ROW(1, '2026-11-30T08:00Z', %s, %s, 'human', 'web', %s, 'incident', 1, %s, '{}', %s, '')::audit_entry,
                            '\\x00', 1::smallint), 'hex')
"""  # fmt: skip


def content(said: tuple[str, str, str, int | None], zone: str = "UTC") -> str:
    name, reference, remark, actor = said
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true), set_config('DateStyle', 'German', true)", [zone])
        cursor.execute(_HASH, [actor, name, "user.seen", reference, remark])
        found: Any = cursor.fetchone()
    return str(found[0])


@pytest.mark.writes_behind("I20")  # its connection writes instants as nothing of ours reads them
@given(_ENTRY, _ENTRY)
@settings(max_examples=examples(300), deadline=None)
@example(("a", "b,c", "", None), ("a,b", "c", "", None))
@example(('a"', "", "", None), ("a", '"', "", None))
def test_different_entries_have_different_contents_wherever_they_are_read(one: Any, other: Any) -> None:
    assert (content(one) == content(other, "Asia/Kolkata")) == (one == other)
