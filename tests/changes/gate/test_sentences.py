"""A sentence reads as one, whatever the record holds."""

from changes.gate.sentences import reason_sentence
from changes.gate.verdict import Reason


def test_a_value_that_is_empty_leaves_no_gap_before_the_full_stop() -> None:
    said = reason_sentence(Reason("emergency_refused", values={"because": "no_open_incident", "detail": ""}))
    assert said == "Not an emergency: it names no open incident."


def test_a_dependant_without_measurements_is_named_silent() -> None:
    said = reason_sentence(Reason("reached_unseen", values={"service": "warehouse", "state": "no_data"}))
    assert said == "warehouse, which depends on this, cannot be seen (silent)."
