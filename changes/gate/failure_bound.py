"""The upper bound of a failure probability: a quantile of a Beta distribution, in Decimals, the same everywhere.

Promise: `upper_bound(failures, successes, bound)` solves I_x(failures, successes) = bound to 10^-12 and rounds UP to
six decimals, so the number shown is never more lenient than the truth. No floats: 24 significant digits throughout;
`ln` and `exp` of the decimal module are correctly rounded, so the result does not depend on machine or Python version.
Source: regularised incomplete beta by Lentz's continued fraction (Numerical Recipes 6.4, DLMF 8.17.22), log gamma by
Stirling's series with 12 digits beyond the rounding (DLMF 5.11.1).
"""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache

PRECISION = Context(prec=24, rounding=ROUND_HALF_EVEN, Emin=-9999, Emax=9999)
SIX_PLACES = Decimal("0.000001")
NINE_PLACES = Decimal("0.000000001")
CLOSE = Decimal("1e-12")
TINY = Decimal("1e-40")
HALF_LN_TWO_PI = Decimal("0.918938533204672741780329736")
# B(2k) / (2k (2k - 1)): enough terms for 10^-20 from 20 on.
STIRLING = tuple(
    Decimal(top) / Decimal(bottom)
    for top, bottom in ((1, 12), (-1, 360), (1, 1260), (-1, 1680), (1, 1188), (-691, 360360), (1, 156), (-3617, 122400))
)


@lru_cache(maxsize=4096)
def upper_bound(failures: Decimal, successes: Decimal, bound: Decimal) -> Decimal:
    """The probability (0..1, six decimals) that lies above the true one with certainty `bound`.

    failures, successes: parameters of the Beta (prior included), both above 0 and at most 10^7.
    """
    with localcontext(PRECISION):
        root = _quantile(failures, successes, bound)
        exact = root.quantize(NINE_PLACES)  # the root is good to twelve; without this 0.8 could become 0.800001
        return min(exact.quantize(SIX_PLACES, rounding=ROUND_CEILING), Decimal(1))


def _quantile(a: Decimal, b: Decimal, bound: Decimal) -> Decimal:
    """Newton's method inside a bracket that shrinks at every step; bisection when Newton leaves it."""
    log_beta = _log_gamma(a) + _log_gamma(b) - _log_gamma(a + b)
    low, high, x = Decimal(0), Decimal(1), a / (a + b)
    for _ in range(200):
        weight = (a * x.ln() + b * (1 - x).ln() - log_beta).exp()
        excess = _regularised(x, a, b, weight) - bound
        low, high = (low, x) if excess > 0 else (x, high)
        slope = weight / (x * (1 - x))
        guess = x - excess / slope if slope > TINY else low
        if not low < guess < high:
            guess = (low + high) / 2
        if abs(guess - x) < CLOSE:
            return guess
        x = guess
    return high


def _regularised(x: Decimal, a: Decimal, b: Decimal, weight: Decimal) -> Decimal:
    """I_x(a, b), with weight = x^a (1-x)^b / B(a, b); each fraction is used on the side where it converges fast."""
    if x < (a + 1) / (a + b + 2):
        return weight * _continued_fraction(x, a, b) / a
    return 1 - weight * _continued_fraction(1 - x, b, a) / b


def _continued_fraction(x: Decimal, a: Decimal, b: Decimal) -> Decimal:
    one = Decimal(1)
    c, d = one, one / _not_zero(one - (a + b) * x / (a + 1))
    value = d
    for m in range(1, 20_000):
        even = a + 2 * m
        for step in (m * (b - m) * x / ((even - 1) * even), -(a + m) * (a + b + m) * x / (even * (even + 1))):
            d = one / _not_zero(one + step * d)
            c = _not_zero(one + step / c)
            factor = c * d
            value *= factor
        if abs(factor - one) < TINY.sqrt():
            return value
    return value


def _not_zero(value: Decimal) -> Decimal:
    return value if abs(value) > TINY else TINY


@lru_cache(maxsize=4096)
def _log_gamma(z: Decimal) -> Decimal:
    product = Decimal(1)
    while z < 20:
        product *= z
        z += 1
    inverse_square = 1 / (z * z)
    tail = Decimal(0)
    for coefficient in reversed(STIRLING):
        tail = tail * inverse_square + coefficient
    return (z - Decimal("0.5")) * z.ln() - z + HALF_LN_TWO_PI + tail / z - product.ln()
