"""One document of a file, and the list on which its findings are written."""

from dataclasses import dataclass, field
from typing import Any

from slo.openslo.formats.definitions import DocumentRef, Finding, Mode, Severity


@dataclass(frozen=True, slots=True)
class Document:
    """A value as read: dict, list, str, int, Decimal, bool, None; never changed in place."""

    ref: DocumentRef
    value: Any

    @property
    def kind(self) -> str:
        return self._word("kind")

    @property
    def name(self) -> str:
        metadata = self.value.get("metadata") if isinstance(self.value, dict) else None
        name = metadata.get("name") if isinstance(metadata, dict) else None
        return name if isinstance(name, str) else ""

    @property
    def version(self) -> str:
        return self._word("apiVersion")

    def _word(self, key: str) -> str:
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return found if isinstance(found, str) else ""


@dataclass(slots=True)
class Report:
    """Collects the findings of one document."""

    document: DocumentRef
    mode: Mode = "strict"
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, document: Document, mode: Mode = "strict") -> "Report":
        return cls(document.ref, mode)

    def error(self, path: str, rule: str, message: str) -> None:
        self._add(path, rule, message, "error")

    def warning(self, path: str, rule: str, message: str) -> None:
        self._add(path, rule, message, "warning")

    def tolerated(self, path: str, rule: str, message: str) -> None:
        """An error for those who want to be exact, a warning for those who want to get on."""
        self._add(path, rule, message, "warning" if self.mode == "lenient" else "error")

    @property
    def failed(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)

    def _add(self, path: str, rule: str, message: str, severity: Severity) -> None:
        self.findings.append(Finding(str(self.document), self.document.place(path), rule, message, severity))


def below(path: str, key: str) -> str:
    """The path of a field; keys that are no plain words stand in brackets."""
    if key.replace("_", "").replace("-", "").isalnum():
        return f"{path}.{key}" if path else key
    return f"{path}['{key[:80]}']"
