"""What an import of OpenSLO files came to."""

from dataclasses import dataclass

from slo.openslo.formats.definitions import Finding
from slo.openslo.operations.apply_terms import Change

MAX_FINDINGS = 200  # that anybody is shown at once


@dataclass(frozen=True, slots=True)
class Outcome:
    """`written`: false after an error and after a dry run. Without an error a dry run lists what would change.

    `findings` are all there are; what is shown of them is the first `MAX_FINDINGS` and how many there are.
    """

    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    written: bool

    def slugs(self, action: str) -> list[str]:
        """Of declared things: indicators come and go with their objectives."""
        return [one.slug for one in self.changes if one.action == action and one.kind != "indicator"]

    @property
    def errors(self) -> list[Finding]:
        """Findings that kept something from being done."""
        return [one for one in self.findings if one.severity == "error"]

    @property
    def warnings(self) -> list[Finding]:
        """Findings that kept nothing from being done."""
        return [one for one in self.findings if one.severity == "warning"]

    @property
    def first_errors(self) -> list[Finding]:
        """As many errors as a page or an answer shows."""
        return self.errors[:MAX_FINDINGS]

    @property
    def first_warnings(self) -> list[Finding]:
        """As many warnings as a page or an answer shows."""
        return self.warnings[:MAX_FINDINGS]

    @property
    def first_findings(self) -> tuple[Finding, ...]:
        """As many findings as a page or an answer shows."""
        return self.findings[:MAX_FINDINGS]
