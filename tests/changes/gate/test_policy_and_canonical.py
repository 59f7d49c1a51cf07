"""A policy is total or it is not built; canonical JSON is stable, strict and free of floats; old decisions replay."""

import copy
import json
import re
from decimal import ROUND_UP, Decimal, localcontext
from pathlib import Path
from typing import Any

import pytest

import changes.gate
from changes.gate.canonical import Malformed, canonical_text, from_json, to_json
from changes.gate.decide import decide, fingerprint
from changes.gate.evidence import Evidence
from changes.gate.failure_bound import upper_bound
from changes.gate.policy import InvalidPolicy, Policy, policy_from_json, policy_to_json
from changes.gate.policy_default import default_policy
from changes.gate.sentence_texts import CONDITIONS, REASONS, WOULD_HELP
from changes.gate.vocabulary import Column, ConditionCode, Need, Row
from tests.changes.gate.scenes import evidence

PLAIN = policy_to_json(default_policy())


@pytest.mark.parametrize("row", Row)
def test_a_policy_with_a_hole_cannot_be_built_and_the_hole_is_named(row: Row) -> None:
    for column in Column:
        holed = copy.deepcopy(PLAIN)
        del holed["table"][row][column]
        with pytest.raises(InvalidPolicy, match=re.escape(f"table.{row}.{column}: undefined")):
            policy_from_json(holed)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("table", "standard", "no_data", "outcome"), "approved", "table.standard.no_data"),
        (("table", "emergency", "healthy", "outcome"), "approved", "table.emergency.healthy"),
        (("table", "standard", "healthy", "outcome"), "exception", "table.standard.healthy"),
        (("table", "standard", "constrained", "otherwise"), "approved", "table.standard.constrained"),
        (("table", "standard", "constrained", "otherwise"), None, "table.standard.constrained"),
        (("authorities", "peer", "quorum"), 0, "authorities.peer"),
        (("limits", "watch_above"), "0.7", "limits.healthy_above"),
        (("limits", "coverage_from"), "NaN", "limits.coverage_from"),
        (("limits", "freshness_seconds"), {}, "limits.freshness_seconds.budget"),
        (("risk", "matrix"), {}, "risk.matrix.low.low"),
        (("risk", "conflict_risk"), {}, "risk.conflict_risk.same_ci"),
        (("accountable",), " ", "accountable"),
        (("other_environments",), ["production"], "other_environments"),
    ],
)
def test_a_senseless_policy_names_its_problem(path: tuple[str, ...], value: Any, problem: str) -> None:
    changed = copy.deepcopy(PLAIN)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    with pytest.raises(InvalidPolicy, match=re.escape(problem)):
        policy_from_json(changed)


def test_a_policy_goes_out_and_in_unchanged() -> None:
    again = policy_from_json(json.loads(canonical_text(PLAIN)))
    assert again == default_policy()
    assert again.digest == default_policy().digest
    assert again.digest != default_policy(version=2).digest


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda plain: plain.update(surprise=1), "evidence.surprise: unknown field"),
        (lambda plain: plain.pop("at"), "evidence.at: missing"),
        (lambda plain: plain.update(at="2026-11-18T10:00:00"), "time zone"),
        (lambda plain: plain.update(at="9999-01-01T10:00:00Z"), "years 2000"),
        (lambda plain: plain["change"].update(migration=1), "evidence.change.migration: bool"),
        (lambda plain: plain["history"]["value"].update(runs=True), "evidence.history.value.runs: int"),
        (lambda plain: plain["history"]["value"].update(weighted_runs=0.5), "weighted_runs: a decimal as a string"),
        (lambda plain: plain["reach"]["value"].update(direct={}), "evidence.reach.value.direct: a list"),
    ],
)
def test_malformed_evidence_is_refused_with_its_path(change: Any, message: str) -> None:
    plain = to_json(evidence())
    change(plain)
    with pytest.raises(Malformed, match=re.escape(message)):
        from_json(Evidence, plain)


def test_a_decision_replays_whatever_the_callers_arithmetic_is() -> None:
    first = decide(evidence(change_class="normal", state="constrained"), default_policy())
    with localcontext() as sloppy:
        sloppy.prec, sloppy.rounding = 3, ROUND_UP
        again = decide(evidence(change_class="normal", state="constrained"), policy_from_json(PLAIN))
    assert canonical_text(to_json(first)) == canonical_text(to_json(again))
    assert first.evidence_hash == fingerprint(evidence(change_class="normal", state="constrained"), default_policy())


def test_no_float_anywhere() -> None:
    def walk(plain: Any) -> None:
        assert not isinstance(plain, float)
        for inner in plain.values() if isinstance(plain, dict) else plain if isinstance(plain, list) else ():
            walk(inner)

    walk(to_json(decide(evidence(state="exhausted"), default_policy())))
    with pytest.raises(TypeError):
        to_json(0.5)


@pytest.mark.parametrize(
    ("failures", "successes", "bound"),
    [  # 80 % quantiles of Beta(failures, successes), checked against numerical integration
        ("0.5", "9.5", "0.084905"),
        ("1.5", "9.5", "0.212021"),
        ("1.5", "28.5", "0.077561"),
        ("3.3", "40.7", "0.105291"),
    ],
)
def test_the_upper_bound_of_the_failure_probability(failures: str, successes: str, bound: str) -> None:
    assert upper_bound(Decimal(failures), Decimal(successes), Decimal("0.8")) == Decimal(bound)


def test_one_run_without_a_failure_is_not_perfection_and_more_runs_help() -> None:
    bounds = [upper_bound(Decimal("0.5"), Decimal("9.5") + runs, Decimal("0.8")) for runs in (0, 1, 10, 100, 10_000)]
    assert bounds == sorted(bounds, reverse=True)
    assert bounds[-1] > 0
    # A uniform Beta(1, 1) has its 80 % quantile at 0.8 exactly.
    assert upper_bound(Decimal(1), Decimal(1), Decimal("0.8")) == Decimal("0.8")


def test_every_code_has_its_sentence() -> None:
    folder = Path(changes.gate.__file__).parent
    source = "\n".join(path.read_text() for path in folder.glob("*.py") if not path.name.startswith("sentence"))
    spoken = set(
        re.findall(
            r'(?:_person|Reason|_reason|_wait)\((?:case, )?(?:standing, )?(?:assessment, )?\s*"([a-z_]+)"', source
        )
    )
    assert {"policy_lapsed", "reached_exhausted", "emergency_share", "one_at_a_time"} <= spoken
    assert spoken <= REASONS.keys()
    assert {f"budget_{column}" for column in Column} - REASONS.keys() <= {
        "budget_freeze", "budget_lockdown", "budget_non_production",
    }  # fmt: skip
    assert {f"needs_{need}" for need in Need} <= REASONS.keys()
    pulled = set(re.findall(r'(?:remedy|HelpStep)\(\s*"([a-z_]+)"', source)) | {"burning_stops", "fresh_measurement"}
    assert pulled == WOULD_HELP.keys()
    assert {code.value for code in ConditionCode} == CONDITIONS.keys()


def test_the_gate_is_pure() -> None:
    folder = Path(changes.gate.__file__).parent
    for path in folder.glob("*.py"):
        imported = set(re.findall(r"^(?:from|import) (?!itsm\.kernel)([a-z_]+)", path.read_text(), re.MULTILINE))
        assert not imported & {"django", "itsm", "catalog", "incidents", "time", "random", "os", "socket"}, path.name
        assert "datetime.now" not in path.read_text(), path.name
        assert not re.search(r"\bfloat\(", path.read_text()), path.name


def test_policy_is_data_not_code() -> None:
    assert from_json(Policy, PLAIN) == default_policy()
