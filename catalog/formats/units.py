"""Numbers with units to the unit of a field.

Memory counts in powers of two whatever the word says (a module of 16 GB has 16 GiB: JEDEC 100B.01); disks and network
in powers of ten unless the word has an "i".
"""

import re
from collections.abc import Mapping
from decimal import Decimal

_NUMBER = re.compile(r"([0-9]{1,15}(?:[.,][0-9]{1,9})?)\s*([a-zA-Z]{0,5})\Z", re.ASCII)
_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4, "P": 5}
_FIXED: Mapping[str, Mapping[str, Decimal]] = {
    "kW": {"w": Decimal("0.001"), "kw": Decimal(1), "mw": Decimal(1000)},
    "U": {"u": Decimal(1), "ru": Decimal(1)},
}


def converted(text: str, said: str, wanted: str) -> Decimal | None:
    """The number in the `wanted` unit (of `vocabulary.KEYS`; "" counts things); None where it is none.

    `said`: the unit of bare numbers; "" for the wanted one. A cell may write its unit itself only where `said` is
    given: a number is taken as it stands or not at all.
    """
    match = _NUMBER.match(text.strip())
    if match is None or (match[2] and not said):
        return None
    number = Decimal(match[1].replace(",", "."))
    unit = match[2] or said or wanted
    factor = _factor(unit, wanted)
    return None if factor is None else number * factor


def _factor(unit: str, wanted: str) -> Decimal | None:
    if not wanted or unit == wanted:
        return Decimal(1) if unit == wanted or not unit else None
    if wanted in _FIXED:
        return _FIXED[wanted].get(unit.lower())
    size, of = _bytes(unit, always_binary=wanted == "MiB"), _bytes(wanted, always_binary=False)
    return None if size is None or of is None else size / of


def _bytes(unit: str, *, always_binary: bool) -> Decimal | None:
    match = re.match(r"([KMGTP])(i?)(?:B|b|bytes?)?\Z", unit[:1].upper() + unit[1:])
    if match is None:
        return Decimal(1) if unit in ("B", "b") else None
    return Decimal(1024 if match[2] or always_binary else 1000) ** _POWERS[match[1]]
