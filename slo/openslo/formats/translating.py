"""Resolved documents to a Bundle. Limits of ours are findings here, their rules begin with "headroom-"."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.utils.translation import gettext

from slo.openslo.formats.annotations import description_of, name_of
from slo.openslo.formats.clashes import without_clashes
from slo.openslo.formats.definitions import (
    Bundle,
    DataSourceDefinition,
    Finding,
    Mode,
    ObjectiveDefinition,
    ServiceDefinition,
)
from slo.openslo.formats.documents import Document, Report
from slo.openslo.formats.indicators import PROMETHEUS
from slo.openslo.formats.objectives import objectives_of

_ADDRESS_FIELDS = ("url", "address", "endpoint", "server")
LONGEST_ADDRESS = 300


def translate(documents: Iterable[Document], mode: Mode = "strict") -> Bundle:
    """Services, data sources and objectives, in the order of the documents; what fails is left out."""
    services: list[ServiceDefinition] = []
    sources: list[DataSourceDefinition] = []
    objectives: list[ObjectiveDefinition] = []
    findings: list[Finding] = []
    for document in documents:
        report = Report.of(document, mode)
        match document.kind:
            case "Service":
                service = _service(report, document)
                services += [] if report.failed else [service]
            case "DataSource":
                source = _data_source(report, document)
                sources += [] if report.failed else [source]
            case "SLO":
                found = objectives_of(report, document)
                objectives += [] if report.failed else found
        findings += report.findings
    kept = without_clashes(objectives, findings)
    return Bundle(tuple(services), tuple(sources), tuple(kept), tuple(findings))


def _service(report: Report, document: Document) -> ServiceDefinition:
    metadata, spec = document.value["metadata"], document.value["spec"]
    name = name_of(report, "metadata", metadata)
    return ServiceDefinition(metadata["name"], name, description_of(metadata, spec), document.ref)


def _data_source(report: Report, document: Document) -> DataSourceDefinition:
    metadata, spec = document.value["metadata"], document.value["spec"]
    details = spec["connectionDetails"]
    address = _address(report, details)
    if not address and str(spec["type"]).lower() == PROMETHEUS:
        message = gettext("A Prometheus needs its address, as “url”.")
        report.error("spec.connectionDetails", "headroom-address", message)
    name = name_of(report, "metadata", metadata)
    return DataSourceDefinition(metadata["name"], name, spec["type"], address, document.ref)


def _address(report: Report, details: Any) -> str:
    """The address without credentials: connection details may hold secrets, which are not for us to keep."""
    path = "spec.connectionDetails"
    entries = [one for one in (details if isinstance(details, list) else [details]) if isinstance(one, dict)]
    fields = [(key, value) for one in entries for key, value in one.items()]
    found = [value for key, value in fields if key.lower() in _ADDRESS_FIELDS and isinstance(value, str)]
    if len(fields) > len(found[:1]):
        message = gettext("Only the address is kept of the connection details.")
        report.warning(path, "headroom-connection-details", message)
    if not found:
        return ""
    try:
        parts = urlsplit(found[0])
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    except ValueError:
        report.error(path, "headroom-address", gettext("This is not an address."))
        return ""
    if parts.fragment:
        message = gettext("An address has no “#”: what stands behind it is never sent.")
        report.error(path, "headroom-address", message)
    if bare != parts:
        report.warning(path, "headroom-credentials", gettext("The credentials in the address are not kept."))
    address = urlunsplit(bare)
    if len(address) > LONGEST_ADDRESS:
        message = gettext("An address has at most %d characters here.") % LONGEST_ADDRESS
        report.error(path, "headroom-address", message)
    return address
