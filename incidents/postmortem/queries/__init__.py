"""Reads of postmortems, shaped for lists, the record, files, reports and what lies above."""

from incidents.postmortem.queries.article import article_begun, article_of_problem
from incidents.postmortem.queries.duties import actions_of, still_open_of
from incidents.postmortem.queries.facts import (
    as_file,
    as_markdown,
    compared,
    facts_of,
    names_in,
    on_paper,
    text_of,
    texts_of,
    version_of,
    with_names,
    written_at,
)
from incidents.postmortem.queries.fixing import proofs_of_action
from incidents.postmortem.queries.helping import Offer, wording_of
from incidents.postmortem.queries.links import LinkedRecord, links_of
from incidents.postmortem.queries.reports import OwnerRow, by_owner, overdue, waiting_for
from incidents.postmortem.queries.sight import (
    about_named,
    actions_seen,
    as_found,
    by_reference,
    is_confidential,
    listed,
    may_see,
    names_around,
    of_incident,
    of_problem,
    still_read,
    worth_improving,
)
from incidents.postmortem.queries.timeline import Found, filled_from

__all__ = [
    "Found",
    "LinkedRecord",
    "Offer",
    "OwnerRow",
    "about_named",
    "actions_of",
    "actions_seen",
    "article_begun",
    "article_of_problem",
    "as_file",
    "as_found",
    "as_markdown",
    "by_owner",
    "by_reference",
    "compared",
    "facts_of",
    "filled_from",
    "is_confidential",
    "links_of",
    "listed",
    "may_see",
    "names_around",
    "names_in",
    "of_incident",
    "of_problem",
    "on_paper",
    "overdue",
    "proofs_of_action",
    "still_open_of",
    "still_read",
    "text_of",
    "texts_of",
    "version_of",
    "waiting_for",
    "with_names",
    "wording_of",
    "worth_improving",
    "written_at",
]
