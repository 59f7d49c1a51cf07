"""The arithmetic as people read it: every input with all its digits, so that anybody can do the sum again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from slo.engine.burn import rounded_down, rounded_up
from slo.engine.methods import PPM
from slo.engine.samples import instant_of
from slo.engine.windows import PPB
from slo.objectives.queries import wording
from slo.objectives.queries.members import MemberTerms
from slo.objectives.queries.objective_page.arithmetic import Arithmetic, Part, Stretch

_THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"
_NINE = Decimal("1e-9")


def exact(value: Fraction | int, places: int = 9) -> str:
    """1234.5 as "1 234.5": at most so many decimals, rounded down, no zeros behind."""
    digits = Decimal(value.numerator * 10**places // value.denominator).scaleb(-places)
    text = f"{digits:,.{places}f}"
    return (text.rstrip("0").rstrip(".") if places else text).replace(",", _THIN_SPACE)


@dataclass(frozen=True, slots=True)
class ShownPart:
    """One line of a sum: so many failed, so many counted, this share of them may fail. `name` says which component."""

    version: int
    name: str
    bad: str
    total: str
    share: str
    allowed: str
    weight: str


@dataclass(frozen=True, slots=True)
class ShownSum:
    """`parts` held against each other give `burn`, the strict side of bad / allowed. `coming` is still expected."""

    begins: datetime
    ends: datetime
    parts: Sequence[ShownPart]
    coming: Sequence[ShownPart]
    bad: str
    allowed: str
    burn: Decimal
    remaining: Decimal
    versions: Sequence[int]
    is_weighed: bool

    @property
    def when(self) -> str:
        """From when to when, for people."""
        return wording.stretch(self.begins, self.ends)

    @property
    def is_plain(self) -> bool:
        """One fraction says it all."""
        return len(self.parts) == 1 and not self.coming and not self.is_weighed

    @property
    def has_traffic(self) -> bool:
        """Whether any failure would be allowed: not where nothing was counted."""
        return self.allowed != "0"


@dataclass(frozen=True, slots=True)
class ShownCoverage:
    """Minutes with a measurement of those that count; of several indicators, the worst one's."""

    valid: int
    minutes: int
    excluded: int
    share: Decimal


def shown_sum(sums: Arithmetic, stretch: Stretch, members: Sequence[MemberTerms], *, whole: bool = False) -> ShownSum:
    """`whole`: the compliance window, with what is still to come of a calendar period."""
    parts = [part for part in stretch.parts if part.minutes or part.total] or list(stretch.parts)[:1]
    future = sums.future if whole else {}
    coming = [part for part in sums.current if future.get(part.component)]
    spent = stretch.burn(future)
    allowed = sum(
        (stretch.allowed(component) + future.get(component, 0) for component in stretch.components), Fraction(0)
    )
    return ShownSum(
        begins=instant_of(stretch.first),
        ends=instant_of(stretch.end),
        parts=[_part(sums, part, members) for part in parts],
        coming=[_coming(sums, part, members) for part in coming],
        bad=exact(Fraction(stretch.bad, sums.unit)),
        allowed=exact(allowed / (sums.unit * PPB)),
        burn=rounded_up(spent),
        remaining=rounded_down(1 - spent),
        versions=sorted({part.number for part in parts}),
        is_weighed=any(part.weight_ppm != PPM for part in parts) or len(stretch.components) > 1,
    )


def shown_coverage(sums: Arithmetic) -> ShownCoverage:
    """As the evaluation takes it: 1 where nothing of the window counts."""
    components = [
        (sum(part.valid for part in parts), sum(part.minutes for part in parts))
        for parts in map(sums.whole.of, sums.whole.components)
        if any(part.minutes for part in parts)
    ]
    valid, minutes = min(components, key=lambda component: Fraction(*component), default=(0, 0))
    share = min(Decimal(1), (Decimal(valid) / minutes).quantize(_NINE)) if minutes else Decimal(1)
    return ShownCoverage(valid, minutes, sums.excluded, share)


def _part(sums: Arithmetic, part: Part, members: Sequence[MemberTerms]) -> ShownPart:
    return _shown(sums, part, members, Fraction(part.bad, sums.unit), Fraction(part.total, sums.unit))


def _coming(sums: Arithmetic, part: Part, members: Sequence[MemberTerms]) -> ShownPart:
    return _shown(sums, part, members, Fraction(0), sums.coming(part) / sums.unit)


def _shown(sums: Arithmetic, part: Part, members: Sequence[MemberTerms], bad: Fraction, total: Fraction) -> ShownPart:
    several = len(sums.current) > 1
    known = several and part.number == sums.budget.terms_version and part.component < len(members)
    return ShownPart(
        version=part.number,
        name=members[part.component].indicator.slug if known else "",
        bad=exact(bad),
        total=exact(total),
        share=f"{exact(Fraction(part.error_budget_ppb, PPB // 100), 7)}{_THIN_SPACE}%",
        allowed=exact(total * Fraction(part.error_budget_ppb, PPB)),
        weight=exact(Fraction(part.weight_ppm, PPM), 6),
    )
