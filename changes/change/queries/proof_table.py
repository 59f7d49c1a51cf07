"""Proof as a table: what was asked for, who said it, and whether it counts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.gate.evidence import Evidence
from changes.gate.facts import AnyFact
from itsm.accounts.models import User

_LABELS: Mapping[str, Any] = {
    "backout": gettext_lazy("Backout plan"),
    "peer_review": gettext_lazy("Review by another person"),
    "tests": gettext_lazy("Tests"),
    "scans": gettext_lazy("Scan"),
    "rollback_tested": gettext_lazy("Tested rollback"),
    "progressive": gettext_lazy("Progressive rollout"),
    "fixes": gettext_lazy("Problem it fixes"),
    "finding": gettext_lazy("Finding it removes"),
    "earlier_release": gettext_lazy("Earlier release"),
    "flag_switch": gettext_lazy("Flag"),
}
_ONLY_WHERE_SAID = ("scans", "fixes", "finding", "earlier_release", "flag_switch")


@dataclass(frozen=True, slots=True)
class ProofRow:
    """standing: attested (counts), claimed (makes stricter only), author (theirs to write), missing."""

    label: Any
    said: str
    standing: str
    by: str
    source: str
    at: datetime | None


def proof_table(evidence: Evidence) -> list[ProofRow]:
    """One row per kind of proof; one query for the names of those who stand behind it."""
    facts = [(name, getattr(evidence.proof, name)) for name in _LABELS]
    shown = [(name, fact) for name, fact in facts if fact.value is not None or name not in _ONLY_WHERE_SAID]
    names = _names(fact.principal for _name, fact in shown)
    return [_row(name, fact, names) for name, fact in shown]


def _row(name: str, fact: AnyFact, names: Mapping[str, str]) -> ProofRow:
    if fact.value is None:
        return ProofRow(_LABELS[name], _("nobody says so"), "missing", "", "", None)
    standing = "author" if name == "backout" else "attested" if fact.attested else "claimed"
    by = names.get(fact.principal, fact.principal.removeprefix("model:"))
    return ProofRow(_LABELS[name], _said(name, fact.value), standing, by, fact.source, fact.observed_at)


def _said(name: str, value: Any) -> str:
    if name == "tests":
        return _("%(passed)s passed, %(failed)s failed") % {"passed": value.passed, "failed": value.failed}
    if name == "scans":
        return _("%(count)s blocking findings") % {"count": value}
    if name == "earlier_release":
        said = _("succeeded here before: %(digest)s") % {"digest": value.digest[:24]}
        return said if value.witness != "" else f"{said} ({_('by its own word alone')})"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(getattr(value, "reference", "") or getattr(value, "flag", "") or value)


def _names(principals: Iterator[str]) -> dict[str, str]:
    ids = {int(each[5:]) for each in principals if each.startswith("user:") and each[5:].isdecimal()}
    people = User.objects.filter(pk__in=ids) if ids else []
    return {"headroom": "Headroom", **{f"user:{person.pk}": str(person) for person in people}}
