"""How each invariant stands, for the page, REST and /metrics. Three queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsm.invariants.known import Invariant, called, known
from itsm.invariants.models import Auditor, InvariantCheck, Violation
from itsm.invariants.operations import SILENT_AFTER
from itsm.invariants.vocabulary import TONES, Standing

STALE_ALL_AFTER = timedelta(hours=3)


@dataclass(frozen=True)
class Row:
    """One invariant: what it says, when it was asked last, and the violation that nobody has cleared."""

    invariant: Invariant
    check: InvariantCheck | None
    violation: Violation | None
    at: datetime

    @property
    def id(self) -> str:
        """Such as I1."""
        return self.invariant.id

    @property
    def standing(self) -> Standing:
        """A violation stands until it is cleared; what was not asked lately, nobody knows."""
        if self.violation is not None:
            return Standing.LAPSED if self.violation.holds_since else Standing.VIOLATED
        asked = self.check.asked_at if self.check else None
        late = STALE_ALL_AFTER if self.invariant.is_heavy else SILENT_AFTER
        if asked is None or self.at - asked > late or (self.check is not None and self.check.failed):
            return Standing.UNKNOWN
        return Standing.HOLDS

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return TONES[self.standing]

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/operations/invariants/{self.invariant.id}/"


@dataclass(frozen=True)
class Overview:
    """Everything that must hold, worst first; and the auditor, None where none ever looked."""

    rows: list[Row]
    auditor: Auditor | None
    at: datetime

    @property
    def is_silent(self) -> bool:
        """It looked once, and has not for five minutes."""
        return self.auditor is not None and self.at - self.auditor.looked_at > SILENT_AFTER

    @property
    def closing(self) -> list[Row]:
        """Those because of which people decide."""
        return [one for one in self.rows if one.violation is not None and one.violation.closes_gate]

    @property
    def all_hold(self) -> bool:
        """Each was asked lately, and nothing was found that nobody has cleared."""
        return all(one.standing is Standing.HOLDS for one in self.rows)


_ORDER = [Standing.VIOLATED, Standing.LAPSED, Standing.UNKNOWN, Standing.HOLDS]


def overview(at: datetime) -> Overview:
    """As it stands at `at`."""
    checks = InvariantCheck.objects.in_bulk()
    open_ones = {one.invariant: one for one in Violation.objects.open()}
    rows = [Row(one, checks.get(one.id), open_ones.get(one.id), at) for one in known()]
    rows.sort(key=lambda row: _ORDER.index(row.standing))  # of alike ones the order of the register
    return Overview(rows, Auditor.objects.first(), at)


def sentences(violation: Violation) -> list[str]:
    """What was found, a sentence each. Of a question that is asked no more its bare words."""
    invariant = called(violation.invariant)
    return [_sentence(invariant, one) for one in violation.sample]


def _sentence(invariant: Invariant | None, sample: dict[str, Any]) -> str:
    question = invariant.question(sample["question"]) if invariant else None
    words = {"reference": sample["reference"], "detail": sample["detail"]}
    if question is None:
        return f"{sample['question']}: {sample['reference']} {sample['detail']}".strip()
    return str(question.said % words)
