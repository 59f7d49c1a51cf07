"""The answer to measurements says in words why some of them wait or do not count."""

import pytest
from rest_framework.exceptions import ValidationError

from itsm.api.serializers import Strict
from slo.measuring.api.samples import RecordedShown
from slo.measuring.operations import Recorded


def test_where_everything_counts_nothing_is_said() -> None:
    assert RecordedShown(Recorded(3, [])).data["detail"] == ""


def test_what_waits_for_another_person_is_said_with_its_reference() -> None:
    said = RecordedShown(Recorded(0, [], waiting=2, confirmation="CNF-00007")).data["detail"]
    assert "better than what was recorded" in said
    assert "CNF-00007" in said


def test_what_is_quarantined_is_said() -> None:
    assert "usual traffic" in RecordedShown(Recorded(0, [], quarantined=1)).data["detail"]


def test_where_nothing_may_be_sent_the_refusal_does_not_list_nothing() -> None:
    with pytest.raises(ValidationError, match="Send no fields here"):
        Strict(data={"reason": "x"}).is_valid(raise_exception=True)
