"""A condition judged and typed before it is kept."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from itsm.api.nearest import did_you_mean
from itsm.fields.form import conditions as c
from itsm.fields.form.comparable import comparable
from itsm.fields.form.findings import Findings
from itsm.fields.kinds import GREATEST, LONGEST, Definition, plain_decimal

_Part = c.Leaf | c.Group


def parse_condition(
    found: Findings, path: str, raw: Any, known: Mapping[str, Definition], *, itself: Any = None
) -> c.Group | None:
    """The condition that a document says of the questions in `known`; None where it says none. What is wrong is added
    to the findings. `itself`: the key of the question that stands under it."""
    if raw is None or raw == {}:
        return None
    budget = [c.MAX_LEAVES]
    read = _group(found, path, raw, known, itself, budget, 1)
    if budget[0] < 0:
        found.add(path, _("At most %(most)s comparisons in one condition.") % {"most": c.MAX_LEAVES})
    return read


def _group(
    found: Findings, path: str, raw: Any, known: Mapping[str, Definition], itself: Any, budget: list[int], depth: int
) -> c.Group | None:
    if depth > c.MAX_DEPTH:
        found.add(path, _("Groups stand in each other at most %(most)s deep.") % {"most": c.MAX_DEPTH})
        return None
    if not isinstance(raw, dict) or len(raw) != 1 or next(iter(raw)) not in ("all", "any"):
        found.add(path, _('Send {"all": [...]} or {"any": [...]}.'))
        return None
    ((rule, parts),) = raw.items()
    listed = found.listed(f"{path}.{rule}", parts, c.MAX_LEAVES)
    if not listed:
        found.add(f"{path}.{rule}", _("Name at least one comparison, or leave the condition out."))
    read: list[_Part] = []
    for at, one in enumerate(listed):
        place = f"{path}.{rule}.{at}"
        if isinstance(one, dict) and ("all" in one or "any" in one):
            part: _Part | None = _group(found, place, one, known, itself, budget, depth + 1)
        else:
            budget[0] -= 1
            part = _leaf(found, place, one, known, itself)
        if part is not None:
            read.append(part)
    return c.Group(rule, tuple(read))


def _leaf(found: Findings, path: str, raw: Any, known: Mapping[str, Definition], itself: Any) -> c.Leaf | None:
    body = found.mapping(path, raw, ("field", "op", "value"))
    key = body.get("field")
    defined = known.get(key) if isinstance(key, str) else None
    if defined is None:
        found.add(f"{path}.field", _unknown(key, known, itself))
        return None
    op = body.get("op")
    allowed = c.OPS_OF.get(defined.type, c.OPS)
    if op not in allowed:
        words = _("Of %(label)s one asks %(known)s.") % {"label": defined.label, "known": ", ".join(allowed)}
        found.add(f"{path}.op", words)
        return None
    return c.Leaf(defined.key, str(op), _values(found, f"{path}.value", defined, str(op), body.get("value")))


def _unknown(key: Any, known: Mapping[str, Definition], itself: Any) -> str:
    if isinstance(key, str) and key == itself:
        return _("A question is not shown by its own answer: look at an earlier one.")
    words = _("No earlier question is called %(key)s: a condition looks at what was asked before.")
    said = words % {"key": str(key)[:40]}
    return said + (did_you_mean(key, known) if isinstance(key, str) else "")


def _values(found: Findings, path: str, defined: Definition, op: str, raw: Any) -> Any:
    if op in c.WITHOUT_VALUE:
        if raw not in (None, ""):
            found.add(path, _("Nothing is compared here: leave the value out."))
        return None
    if op in c.WITH_MANY:
        listed = found.listed(path, raw, c.MAX_VALUES)
        if not listed:
            found.add(path, _("Name at least one value."))
        return [_value(found, f"{path}.{at}", defined, one) for at, one in enumerate(listed)]
    return _value(found, path, defined, raw)


def _value(found: Findings, path: str, defined: Definition, raw: Any) -> Any:
    """A value that answers to this question can be compared with, as it is kept."""
    read = comparable(defined, raw, of_condition=True)
    too_great = isinstance(read, Decimal) and abs(read) > GREATEST
    if read is None or too_great or (isinstance(read, str) and not _is_kept(read)):
        found.add(path, _refusal(defined))
        return None
    if isinstance(read, Decimal):
        return plain_decimal(read) if defined.type == "decimal" else raw
    return read if defined.type in ("text", "long", "link") else raw


def _is_kept(text: str) -> bool:
    """Neither longer than what is compared, nor with characters that no document keeps."""
    return len(text) <= LONGEST["text"] and not any(ord(one) < 32 and one not in "\n\t" for one in text)


def _refusal(defined: Definition) -> str:
    if defined.options:
        known = ", ".join(one.key for one in defined.options[:50])
        return _("%(label)s has the options %(known)s.") % {"label": defined.label, "known": known}
    return _("An answer to %(label)s cannot be compared with this.") % {"label": defined.label}
