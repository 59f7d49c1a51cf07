"""The deciding sentence and the evidence agree: what did not ask for people never carries the mark of having done so."""

from itertools import product
from typing import Any

import pytest

from changes.change.queries.evidence_rows import evidence_rows
from changes.change.queries.explanation import explanation
from changes.change.queries.risk_words import is_well
from changes.change.queries.verdicts import explained
from changes.gate.decide import decide
from changes.gate.policy_default import default_policy
from tests.changes.gate.scenes import evidence

PEOPLE = {"peer", "cab"}
POLICY = default_policy()
STATES = ("healthy", "watch", "constrained", "recovering", "exhausted", "no_data", "unmeasured", "major")


def scenes() -> list[dict[str, Any]]:
    kinds = product(("standard", "normal", "emergency"), STATES, ("low", "medium", "high"), (1, 3))
    plain = [{"change_class": c, "state": s, "risk": r, "tier": t} for c, s, r, t in kinds]
    odd: tuple[dict[str, Any], ...] = (
        {"calendar": "blackout"}, {"calendar": "freeze"}, {"backout": False}, {"review": "none"}, {"reached": "exhausted"},
        {"trust": None}, {"history_known": False}, {"artifact": "tag"}, {"purpose": "security_fix"}, {"tests_failed": 2},
    )  # fmt: skip
    return plain + [{**one, **more} for one in plain[::7] for more in odd]


@pytest.mark.parametrize("part", range(4))
def test_of_every_scene_the_deciding_sentence_and_the_rows_agree(part: int) -> None:
    by_people = 0
    for scene in scenes()[part::4]:
        found = evidence(**scene)
        said = explained(decide(found, POLICY))
        rows = evidence_rows(said, found, POLICY, {})
        deciding = [row for row in rows if row.decides]
        well = {one.sentence for one in said.reasons if is_well(one.reason)}
        if said.verdict.outcome not in PEOPLE:
            continue
        by_people += 1
        assert [row is rows[0] for row in deciding] == [True], scene
        assert deciding[0].outcome == said.verdict.outcome, scene
        told = explanation(said)
        assert deciding[0].sentence in (told.lead, *told.beside), scene
        assert not [row for row in rows if row.outcome in PEOPLE and row.sentence in well], scene
    assert by_people > 20
