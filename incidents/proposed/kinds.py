"""The kinds of proposals, as a table."""

from collections.abc import Callable
from functools import partial

from django.utils.translation import gettext_lazy as _

from incidents.incident.models import Incident
from incidents.postmortem.models import Postmortem
from incidents.proposed import arrows, fields, records, replies, sight
from itsm.accounts import scopes
from itsm.proposals.kinds import ProposalKind, register

_of_incidents: Callable[..., ProposalKind] = partial(
    ProposalKind, record_kind=Incident.kind, prefix="INC", readers=sight.incidents_read,
    deciders=sight.incidents_changed,
)  # fmt: skip
_of_postmortems: Callable[..., ProposalKind] = partial(
    ProposalKind, record_kind=Postmortem.kind, prefix="PM", readers=sight.postmortems_read,
    deciders=sight.postmortems_changed,
)  # fmt: skip

_ALL = (
    _of_incidents(
        "fields", _("Fields"), "Set fields of an incident: priority, queue, category, assignee, service, labels.",
        body=fields.FieldsProposed, drafts=fields.drafts, overtaken=fields.overtaken, write=fields.write,
        put_back=fields.back,
    ),
    _of_incidents(
        "reply", _("Reply"), "Draft a reply to the caller; a person reads it and sends it.",
        body=replies.ReplyProposed, drafts=replies.drafts, overtaken=replies.overtaken, write=replies.write,
        hands_over=True,
    ),
    _of_incidents(
        "link", _("Link"), "Link an incident to another record, such as the change that caused it.",
        body=arrows.LinkProposed, drafts=arrows.links, overtaken=arrows.overtaken, write=arrows.write,
        put_back=arrows.back, names=arrows.named_in,
    ),
    _of_incidents(
        "duplicate", _("Duplicate"), "Say which other incident an incident duplicates.",
        body=arrows.DuplicateProposed, drafts=arrows.duplicates, overtaken=arrows.overtaken, write=arrows.write,
        put_back=arrows.back, names=arrows.named_in,
    ),
    _of_incidents(
        "known_error", _("Known error"), "Say which known error stands behind an incident.",
        body=arrows.KnownErrorProposed, drafts=arrows.known_errors, overtaken=arrows.overtaken, write=arrows.write,
        names=arrows.named_in,
    ),
    _of_incidents(
        "problem", _("Problem"), "Propose to open a problem from an incident.",
        body=records.ProblemProposed, drafts=records.problems, overtaken=records.of_problem, write=records.open_one,
        whole=True,
    ),
    _of_incidents(
        "article", _("Article"), "Draft a knowledge article from an incident.",
        body=records.ArticleProposed, drafts=records.articles, overtaken=records.of_article, write=records.write_one,
        whole=True, scope=scopes.CATALOG_WRITE,
    ),
    _of_postmortems(
        "timeline_entry", _("Timeline entry"), "Propose a line for the timeline of a postmortem.",
        body=records.TimelineEntryProposed, drafts=records.timeline_entries, overtaken=records.of_timeline,
        write=records.add_one, put_back=records.take_out, whole=True,
    ),
)  # fmt: skip


def register_all() -> None:
    """Called once, in `ready()`."""
    for kind in _ALL:
        register(kind)
