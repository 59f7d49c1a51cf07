"""What a document is: OpenSLO, Sloth's, Pyrra's, a list of such, or somebody else's.

A folder of Kubernetes manifests holds more than objectives, and `kubectl get -o yaml` answers with one list.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext

from slo.openslo.formats import alpha, pyrra, sloth
from slo.openslo.formats.documents import Document, Report
from slo.openslo.formats.rules import KINDS

PASSED_OVER = "passed-over"
# Kubernetes' own first API, and groups named after a domain; both have a Service as well.
_OTHER_API = re.compile(r"(v[0-9]\w*|[^/]+\.[^/]+/v[0-9]\w*)\Z", re.ASCII)
_LIST_VERSIONS = ("v1", "openslo/", "sloth.slok.dev/", "pyrra.dev/")


def opened(documents: Iterable[Document]) -> Iterator[Document]:
    """The documents, those in a list (`kind: List`, or a named one) by themselves; findings keep their place in it."""
    for document in documents:
        if not _is_list(document):
            yield document
            continue
        items = enumerate(document.value["items"])
        inside = f"{document.ref.inside}." if document.ref.inside else ""
        yield from opened(
            Document(replace(document.ref, inside=f"{inside}items[{place}]"), item)
            for place, item in items
            if item is not None
        )


def _is_list(document: Document) -> bool:
    return (
        document.kind.endswith("List")
        and document.version.startswith(_LIST_VERSIONS)
        and isinstance(document.value.get("items"), list)
    )


def is_translated(document: Document) -> bool:
    """Whether it is written in another format that is taken over."""
    return sloth.is_sloth(document) or pyrra.is_pyrra(document) or alpha.is_alpha(document)


def is_foreign(document: Document) -> bool:
    """Whether it is a mapping that says, or shows, that it is no objective: another API's, or no API's at all.

    What calls itself OpenSLO, in whatever version, is not; nor is one of its kinds without an API of another name,
    which is rather a slip of the pen.
    """
    if not isinstance(document.value, dict) or is_translated(document):
        return False
    if document.value.get("apiVersion") is not None and not document.version:
        return False
    if document.version.lower().startswith("openslo"):
        return False
    return document.kind not in KINDS or bool(_OTHER_API.match(document.version))


def not_ours(report: Report, document: Document) -> None:
    """The error of strict mode, with the way to go on."""
    if document.version:
        message = gettext("The version has to be openslo/v1, not “%s”; lenient mode passes such documents over.")
        report.error("apiVersion", "unsupported-version", message % document.version[:80])
    else:
        message = gettext("“apiVersion” has to be given; lenient mode passes over what is no objective.")
        report.error("apiVersion", "required", message)


def passed_over(report: Report, document: Document) -> None:
    """Says that it was."""
    title = " ".join(word for word in (document.kind, document.name, document.version) if word)[:200]
    message = gettext("%(title)s is no objective, and was passed over.")
    report.warning("", PASSED_OVER, message % {"title": title or gettext("This document")})
