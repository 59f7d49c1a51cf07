"""What of an objective was counted until a minute, in SQL: said once, for whatever adds it up.

Where it stands `o` is the objective, `s` its counted period and `r` that one's series; it asks for `SAID` beside the
query's own words.
"""

from typing import Any

from slo.engine.methods import UNIT

_COUNTED = """slo_counted(
    s.series_id,
    greatest(s.from_minute, least(s.until_minute, MINUTE)),
    coalesce(r.began_minute, 0), s.step_minutes::int,
    CASE WHEN r.began_minute IS NULL THEN 'excluded' ELSE o.missing_slices::text END,
    (%(units)s::bigint[])[array_position(%(methods)s::text[], o.method::text)]
  )"""
SAID: dict[str, Any] = {"methods": list(UNIT), "units": list(UNIT.values())}


def counted(query: str, minute: str) -> str:
    """The query, with COUNTED in it written out: `bad` and `total` until this minute, an SQL expression of ours."""
    return query.replace("COUNTED", _COUNTED.replace("MINUTE", minute))
