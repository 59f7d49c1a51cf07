"""Text to documents: YAML or JSON; one object, a list of objects, or several documents after `---`.

Nothing here raises for what a file contains: what cannot be read is a finding with its line.
"""

import json
from dataclasses import replace

from django.utils.translation import gettext

from itsm.safe_yaml.reading import parsed_json, text_of, values_in
from itsm.safe_yaml.trees import Bounds, Refused, too_deep
from slo.openslo.formats.definitions import DocumentRef, Finding
from slo.openslo.formats.documents import Document

BOUNDS = Bounds()
MAX_DOCUMENTS = 5_000  # of one file
MAX_NODES_IN_A_REQUEST = 60_000  # what is read within a second or so; some eight hundred objectives


def documents_of(
    file: str, content: bytes | str, most_nodes: int = BOUNDS.most_nodes
) -> tuple[list[Document], list[Finding]]:
    """The documents of one file; none and one finding when any part of it cannot be read."""
    bounds = replace(BOUNDS, most_nodes=most_nodes, most_in_json=most_nodes)
    try:
        values = values_in(text_of(content, bounds), bounds)
        flat = [one for value in values for one in (value if isinstance(value, list) else [value]) if one is not None]
        if len(flat) > MAX_DOCUMENTS:
            raise Refused("too-large", gettext("This has more than %d documents.") % MAX_DOCUMENTS, 1)
    except Refused as refused:
        return [], [_finding(file, refused)]
    return [Document(DocumentRef(file, index), value) for index, value in enumerate(flat)], []


def json_problem(file: str, content: bytes) -> Finding | None:
    """Why this is no JSON, for who says that it is: YAML's reader would take `{"name": tru}` for a text."""
    try:
        parsed_json(text_of(content, BOUNDS) or "null")
    except Refused as refused:
        return _finding(file, refused)
    except RecursionError:
        return _finding(file, too_deep(1, BOUNDS))
    except json.JSONDecodeError as error:
        return _finding(file, Refused("invalid-json", gettext("This is not JSON: %s.") % error.msg, error.lineno))
    except ValueError:
        return _finding(file, Refused("invalid-json", gettext("A name occurs twice in one object."), 1))
    return None


def _finding(file: str, refused: Refused) -> Finding:
    message = gettext("Line %(line)d: %(problem)s") % {"line": refused.line, "problem": refused.message}
    return Finding(str(DocumentRef(file, 0)), "", refused.rule, message, "error")
