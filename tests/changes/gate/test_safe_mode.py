"""An invariant that does not hold, or that nobody looks at, leads to people: every row, every environment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from changes.gate.canonical import to_json
from changes.gate.decide import decide, sees_all
from changes.gate.evidence import SafeMode
from changes.gate.policy_default import default_policy
from changes.gate.sentences import reason_sentence
from changes.gate.vocabulary import WITHOUT_PEOPLE
from tests.changes.gate.scenes import AT, evidence


@pytest.mark.parametrize(
    ("unsafe", "said"),
    [
        (SafeMode(("I1", "I8")), ("invariant_violated", "(I1, I8)")),
        (SafeMode((), AT - timedelta(minutes=6)), ("invariants_unaudited", "nobody has looked")),
        (SafeMode(), ("invariants_unaudited", "nobody has looked")),
    ],
)
@pytest.mark.parametrize("scene", [{}, {"environment": "staging"}])
def test_people_decide(unsafe: SafeMode, said: tuple[str, str], scene: dict[str, str]) -> None:
    sound = evidence()
    if scene:
        sound = replace(sound, change=replace(sound.change, **scene, is_production=False))
    assert decide(sound, default_policy()).outcome in WITHOUT_PEOPLE
    shaken = replace(sound, unsafe=unsafe)
    verdict = decide(shaken, default_policy())
    assert verdict.outcome not in WITHOUT_PEOPLE
    assert not sees_all(shaken, default_policy())
    (reason,) = [one for one in verdict.reasons if one.code == said[0]]
    assert said[1] in reason_sentence(reason)


def test_older_decisions_hash_as_they_did() -> None:
    assert "unsafe" not in to_json(evidence())
