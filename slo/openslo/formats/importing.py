"""The two ways through the package: `read` takes files all the way to definitions, `check` looks at documents."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from slo.openslo.formats import alpha, pyrra, sloth
from slo.openslo.formats.definitions import Bundle, DocumentRef, Finding, Mode
from slo.openslo.formats.documents import Document, Report
from slo.openslo.formats.grouping import Group, GroupsOf
from slo.openslo.formats.kinds import is_foreign, not_ours, opened, passed_over
from slo.openslo.formats.reading import BOUNDS, MAX_NODES_IN_A_REQUEST, documents_of
from slo.openslo.formats.resolving import resolve
from slo.openslo.formats.rules import check_document
from slo.openslo.formats.templating import MAX_DOCUMENTS, MAX_IN_A_REQUEST, ValuesOf, expand
from slo.openslo.formats.translating import translate

Files = Mapping[str, bytes | str]
# Stands for whatever a template's "*" will find, so that the rest of the document can be checked.
_SAMPLE = "example"


def read(
    files: Files,
    mode: Mode = "strict",
    values_of: ValuesOf | None = None,
    sloth_window_days: int = sloth.DEFAULT_WINDOW_DAYS,
    known_sources: Collection[str] = (),
    in_a_request: bool = False,
    groups_of: GroupsOf | None = None,
) -> Bundle:
    """What the files define, with every finding on the way; documents with errors are left out.

    `values_of(label)` lists a label's values for templates that ask for all ("*"), or raises NoValues.
    `groups_of(labels, selector)` lists the groups of a Pyrra objective's series, or raises NoValues.
    Lists are opened; with mode "lenient" what is no objective is passed over, with a warning.
    `known_sources`: names of data sources (Prometheus) that need no document as they are known already.
    `in_a_request`: somebody waits for the answer, so less is taken.
    """
    documents, findings = _documents(files, MAX_NODES_IN_A_REQUEST if in_a_request else BOUNDS.most_nodes)
    translated, problems = _in_openslo(documents, mode, sloth_window_days, groups_of)
    findings += problems
    expanded, problems = expand(translated, values_of, MAX_IN_A_REQUEST if in_a_request else MAX_DOCUMENTS)
    findings += problems
    valid = []
    for document in expanded:
        problems = check_document(document, mode)
        findings += problems
        valid += [] if _is_invalid(problems) else [document]
    resolved, problems = resolve(valid, mode, known_sources)
    bundle = translate(resolved, mode)
    # A template's documents often say the same; once is enough.
    everything = dict.fromkeys([*findings, *problems, *bundle.findings])
    return replace(bundle, findings=tuple(everything))


def check(files: Files, mode: Mode = "strict") -> list[tuple[DocumentRef, str, str, list[Finding]]]:
    """(place, kind, name, findings) of every document, by the specification's rules alone.

    What Sloth or Pyrra wrote is checked as what it means in OpenSLO. A file that cannot be read is one entry without
    kind and name.
    """
    checked: list[tuple[DocumentRef, str, str, list[Finding]]] = []
    for file, content in files.items():
        documents, findings = documents_of(file, content)
        checked += [(DocumentRef(file, 0), "", "", findings)] if findings else []
        checked += [(one.ref, one.kind, one.name, _findings(one, mode)) for one in opened(documents)]
    return checked


def _findings(document: Document, mode: Mode) -> list[Finding]:
    translated, findings = _in_openslo([document], mode, groups_of=_sample_groups)
    expanded, problems = expand(translated, lambda label: [_SAMPLE])
    findings += problems
    findings += [finding for one in expanded for finding in check_document(one, mode)]
    return list(dict.fromkeys(findings))


def _sample_groups(labels: Sequence[str], selector: str) -> list[Group]:
    return [(_SAMPLE,) * len(labels)]


def _documents(files: Files, most_nodes: int) -> tuple[list[Document], list[Finding]]:
    documents, findings = [], []
    for file, content in files.items():
        found, problems = documents_of(file, content, most_nodes)
        documents += found
        findings += problems
    return documents, findings


def _in_openslo(
    documents: Iterable[Document],
    mode: Mode,
    sloth_window_days: int = sloth.DEFAULT_WINDOW_DAYS,
    groups_of: GroupsOf | None = None,
) -> tuple[list[Document], list[Finding]]:
    """What other tools wrote, as OpenSLO documents; lists opened, and in lenient mode foreign documents left out."""
    found: list[Document] = []
    findings: list[Finding] = []
    for document in opened(documents):
        report = Report.of(document, mode)
        if sloth.is_sloth(document):
            found += sloth.to_openslo(report, document, sloth_window_days)
        elif pyrra.is_pyrra(document):
            found += pyrra.to_openslo(report, document, groups_of)
        elif alpha.is_alpha(document):
            found += alpha.to_openslo(report, document)
        elif is_foreign(document):
            say = passed_over if mode == "lenient" else not_ours
            say(report, document)
        else:
            found.append(document)
        findings += report.findings
    return found, findings


def _is_invalid(findings: list[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)
