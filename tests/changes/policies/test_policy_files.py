"""A policy as a file: the same policy comes back, and whatever is wrong is said with its line and path."""

import pytest
import yaml

from changes.gate.policy import policy_to_json
from changes.gate.policy_default import default_policy
from changes.policies.formats.policy_files import Unreadable, policy_from_text, policy_to_text


def written(change=lambda content: None):
    content = policy_to_json(default_policy())
    change(content)
    return policy_to_text(content)


def problems(text):
    with pytest.raises(Unreadable) as refused:
        policy_from_text(text)
    return refused.value.problems


def test_written_and_read_it_is_the_same_policy():
    assert policy_from_text(written()).digest == default_policy().digest
    assert policy_from_text(written().encode()) == default_policy()


def test_numbers_may_be_written_as_numbers():
    text = (
        written()
        .replace("healthy_above: '0.50'", "healthy_above: 0.50")
        .replace("high_from: '0.35'", "high_from: 0.35")
    )
    text = text.replace("allowed_failures_from: '10'", "allowed_failures_from: 10")
    assert text != written()
    assert policy_from_text(text).digest == default_policy().digest


def test_a_missing_cell_is_a_hole_with_its_line_and_path():
    text = written(lambda content: content["table"]["standard"].pop("no_data"))
    (hole,) = problems(text)
    assert (hole.path, hole.sentence) == ("table.standard.no_data", "undefined")
    assert hole.line is not None
    assert text.splitlines()[hole.line - 1].strip() == "standard:"
    assert str(hole) == f"line {hole.line}: table.standard.no_data: undefined"


def test_every_hole_is_told_at_once():
    def two(content):
        del content["table"]["standard"]["no_data"]
        content["table"]["normal_low"]["freeze"] |= {"outcome": "approved", "needs": [], "otherwise": None}
        content["limits"]["fair_share"] = "2"

    found = {one.path: one for one in problems(written(two))}
    assert set(found) == {"table.standard.no_data", "table.normal_low.freeze", "limits.fair_share"}
    line = found["limits.fair_share"].line
    assert line is not None
    assert written(two).splitlines()[line - 1].strip() == "fair_share: '2'"


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (
            lambda content: content["table"]["standard"]["watch"].update(outcome="perhaps"),
            "table.standard.watch.outcome",
        ),
        (lambda content: content.update(weather="fine"), "weather"),
        (lambda content: content["limits"].pop("fair_share"), "limits.fair_share"),
        (lambda content: content["limits"].update(approval_minutes="soon"), "limits.approval_minutes"),
    ],
)
def test_another_shape_is_refused_with_its_line_and_path(spoil, path):
    text = written(spoil)
    (told,) = problems(text)
    assert told.path == path
    assert told.line is not None
    assert (
        path.split(".")[-1] in text.splitlines()[told.line - 1]
        or path.split(".")[-2] in text.splitlines()[told.line - 1]
    )


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    "text",
    [
        "", "just words", "- a\n- list", "slug: [", "slug: a\n---\nslug: b", "slug: a\nslug: b", BOMB,
        "a: &a [*a]", "when: !!python/object/apply:os.system [ls]", "[" * 1000, "x" * 600_000, "\x00", b"\xff\xfe",
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused_with_a_line(text):
    (told,) = problems(text)
    assert told.line is not None
    assert told.sentence


def test_what_is_written_is_plain_yaml():
    assert yaml.safe_load(written()) == policy_to_json(default_policy())
