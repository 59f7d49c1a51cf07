"""A back-test at size: a hundred thousand changes that are over, decided again under a draft.

`python -m tests.bench.back_test [CHANGES]` fills them and prints the figures as one JSON line: seconds by the clock and
of this process's CPU with one worker, and what that is for a change. As many workers as there are share the slices.
The decisions are copies of four that the gate made, each with a hash of its own evidence, so that all are judged whole.
"""

import json
import sys
import time
from datetime import timedelta
from typing import Any

import django
from django.db import connection

KINDS = 4
# Every copy is its kind's evidence and verdict as they stand; the policy and the instant are theirs as well.
_COPIES = """
WITH kinds AS (
  SELECT d.*, row_number() OVER (ORDER BY d.id) - 1 AS place FROM changes_decision d WHERE d.change_id = ANY(%(kinds)s)
), made AS (
  INSERT INTO changes_change ({change})
  SELECT {change_values} FROM generate_series(1, %(changes)s) n JOIN changes_change c ON c.id = (%(kinds)s)[1 + n %% {kinds}]
  RETURNING id, content_hash
), numbered AS (
  SELECT id, content_hash, row_number() OVER (ORDER BY id) AS n, gen_random_uuid() AS evaluation FROM made
), asked AS (
  INSERT INTO changes_evaluation ({evaluation})
  SELECT {evaluation_values} FROM numbered n JOIN kinds k ON k.place = n.n %% {kinds}
  JOIN changes_evaluation e ON e.id = k.evaluation_id
)
INSERT INTO changes_decision ({decision})
SELECT {decision_values} FROM numbered n JOIN kinds k ON k.place = n.n %% {kinds}
"""


def run(changes: int = 100_000) -> dict[str, Any]:
    django.setup()
    from django.utils import timezone

    from changes.back_tests import queries
    from changes.back_tests.operations import asking, working
    from changes.change.models import Change
    from changes.gate.policy import policy_to_json
    from changes.gate.policy_default import default_policy
    from changes.policies import operations as policies
    from itsm.accounts import operations as accounts
    from itsm.accounts.actors import actor_for
    from itsm.kernel.actors import Door
    from tests.bench import world
    from tests.factories.changes import a_measured_service, ask
    from tests.factories.slo import T0

    asker = actor_for(accounts.add_user(actor=world.OPERATOR, username="bench-asker", roles=["engineer"]), Door.COMMAND)
    keeper = actor_for(
        accounts.add_user(actor=world.OPERATOR, username="bench-keeper", roles=["manager"]), Door.COMMAND
    )
    kinds = [ask(a_measured_service(state, at=T0), asker, at=T0) for state in ("healthy", "watch") * (KINDS // 2)]
    numbers = [one.change_id for one in kinds]
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_copies(), {"kinds": numbers, "changes": changes})
        cursor.execute("ANALYZE")
    content = policy_to_json(default_policy(version=2))
    content["table"]["normal_low"]["healthy"] |= {"outcome": "approved", "needs": [], "otherwise": None}
    draft = policies.start_draft(actor=keeper, title="kinder", content=content, at=timezone.now())
    day = timedelta(days=1)
    asked = asking.ask(draft, actor=keeper, since=T0 - day, until=T0 + day, at=timezone.now())
    began, spent = time.perf_counter(), time.process_time()
    while working.go_on():
        pass
    clock, cpu = time.perf_counter() - began, time.process_time() - spent
    found = queries.tally(asked)
    return {
        "changes": found.changes,
        "differing": found.differing,
        "refused": sum(found.refused.values()),
        "over": Change.objects.filter(status="cancelled").count(),
        "seconds": round(clock, 1),
        "cpu_seconds": round(cpu, 1),
        "ms_a_change": round(1000 * clock / found.changes, 2),
        "cpu_ms_a_change": round(1000 * cpu / found.changes, 2),
    }


def _copies() -> str:
    from changes.change.models import Change, Decision, Evaluation

    told: dict[str, Any] = {"kinds": KINDS}
    own = {
        "change": {"status": "'cancelled'"},
        "evaluation": {"id": "n.evaluation", "change_id": "n.id", "status": "'cancelled'", "decision_id": "NULL"},
        "decision": {"change_id": "n.id", "evaluation_id": "n.evaluation"},
    }
    for name, model, table in (("change", Change, "c"), ("evaluation", Evaluation, "e"), ("decision", Decision, "k")):
        columns = [
            one.column
            for one in model._meta.concrete_fields
            if not (one.primary_key and name in ("change", "decision"))
        ]
        told[name] = ", ".join(f'"{one}"' for one in columns)
        told[f"{name}_values"] = ", ".join(own[name].get(one, f'{table}."{one}"') for one in columns)
    return _COPIES.format(**told)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*map(int, sys.argv[1:]))) + "\n")
