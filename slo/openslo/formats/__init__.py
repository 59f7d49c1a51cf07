"""OpenSLO v1, and what is written for Sloth and Pyrra: read, checked, resolved, translated, written.

Pure: text in, definitions and findings out; nothing here knows the database or raises for what a file says.
`read` is for importing, `check` for validating, `export` writes.
"""

from slo.openslo.formats.definitions import (
    Bundle,
    CalendarDefinition,
    DataSourceDefinition,
    DocumentRef,
    Finding,
    IndicatorDefinition,
    MemberDefinition,
    ObjectiveDefinition,
    ServiceDefinition,
)
from slo.openslo.formats.exporting import export
from slo.openslo.formats.importing import check, read
from slo.openslo.formats.indicators import PROMETHEUS

__all__ = [
    "PROMETHEUS",
    "Bundle",
    "CalendarDefinition",
    "DataSourceDefinition",
    "DocumentRef",
    "Finding",
    "IndicatorDefinition",
    "MemberDefinition",
    "ObjectiveDefinition",
    "ServiceDefinition",
    "check",
    "export",
    "read",
]
