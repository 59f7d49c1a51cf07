"""What people show beside their password, which roles must, and the sealed administrator for the worst of days."""

from itsm.second_factors.models.break_glass import UNTESTED_AFTER, BreakGlass, BreakGlassUse
from itsm.second_factors.models.factors import (
    FEW_CODES,
    MOST_OF_A_KIND,
    RECOVERY_CODES,
    CodeApp,
    Factor,
    RecoveryCode,
    SecurityKey,
    UsedChallenge,
    WrongTry,
)
from itsm.second_factors.models.rules import FactorRecords, FactorReset, FactorRule

__all__ = [
    "FEW_CODES",
    "MOST_OF_A_KIND",
    "RECOVERY_CODES",
    "UNTESTED_AFTER",
    "BreakGlass",
    "BreakGlassUse",
    "CodeApp",
    "Factor",
    "FactorRecords",
    "FactorReset",
    "FactorRule",
    "RecoveryCode",
    "SecurityKey",
    "UsedChallenge",
    "WrongTry",
]
