"""How pressing a severity is, as other systems call it."""

P2 = {"critical", "crit", "page", "fatal", "disaster", "emergency", "emerg", "alert", "p1", "p2", "sev1", "sev2"}
P3 = {"error", "err", "high", "major", "warning", "warn", "average", "p3", "sev3"}
P4 = {"info", "information", "informational", "notice", "low", "minor", "none", "debug", "p4", "p5", "sev4", "sev5"}


def priority_of(severity: str, *, has_service: bool) -> int:
    """2 for what wakes people, 3 for what waits until somebody looks, 4 for what informs; 4 for what is nobody's.

    Never 1: what stops changes everywhere is said by a rule or by a person.
    """
    word = severity.strip().lower()
    if not has_service or word in P4:
        return 4
    return 2 if word in P2 else 3
