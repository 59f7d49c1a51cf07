"""Using an article on an incident: the caller gets it, or the team notes it; the use is counted."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext

from catalog.knowledge import operations as knowledge
from catalog.knowledge.queries import reads_it
from catalog.knowledge.queries.origins import Prefilled
from incidents.incident import operations as incidents
from incidents.incident.models import Incident
from incidents.incident.queries import is_confidential
from itsm.accounts.actors import actor_for
from itsm.kernel.actors import Actor, Door
from itsm.kernel.errors import InvalidInput
from itsm.markdown import to_plain
from itsm.notifications.web_addresses import our_address
from itsm.work.linking import Relation, connect

if TYPE_CHECKING:
    from catalog.models import Article

LINK, TEXT, NOTE = "link", "text", "note"
_MAX_TEXT = 18_000  # of a reply, beside its title and address


@transaction.atomic
def use_article(incident: Incident, article: "Article", *, actor: Actor, how: str, at: datetime) -> Incident:
    """Reply with the article's `link` or its `text`, or `note` it for the team; link the two, and count the use.

    Nothing is sent to a caller that they could not read themselves. Raises NotPermitted, InvalidInput (the caller may
    not read it, nobody is there to answer), WrongState (the article is not live), Merged.
    """
    if how == NOTE:
        incidents.note(incident, actor=actor, text=_named(article))
    else:
        _require_readable(incident, article)
        text = _named(article) if how == LINK else f"{_in_words(article)}\n\n{_named(article)}"
        incidents.reply(incident, actor=actor, text=text, at=at)
    knowledge.use_on(article, incident, actor=actor, at=at)
    connect(incident, actor=actor, to=article.reference, relation=Relation.RELATES)
    return Incident.objects.get(pk=incident.pk)


def _require_readable(incident: Incident, article: "Article") -> None:
    caller = incident.caller
    if caller is None:
        raise InvalidInput.about("how", gettext("Nobody is there to answer: note it for the team."))
    if not reads_it(article, actor_for(caller, Door.TASK)):
        said = gettext("%(caller)s may not read %(article)s: it is not for them. Note it for the team.")
        raise InvalidInput.about("how", said % {"caller": caller, "article": article.reference})


def _named(article: "Article") -> str:
    return f"{article.reference} {article.title}\n{our_address(article.get_absolute_url())}"


def _in_words(article: "Article") -> str:
    return to_plain(article.text.body)[:_MAX_TEXT]


def begun_from(incident: Incident, actor: Actor) -> Prefilled:
    """What an article that is made from an incident begins with. Of a confidential queue it is for that queue's team
    alone. Raises nothing."""
    return Prefilled(
        title=incident.title,
        symptoms=incident.description[:2_000],
        body=incident.resolution,
        service=incident.service,
        audience=[f"team:{incident.team_id}"] if is_confidential(incident) else None,
    )
