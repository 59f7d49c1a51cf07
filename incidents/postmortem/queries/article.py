"""What an article of the knowledge base begins with that is made from a postmortem."""

from catalog.knowledge.queries.origins import Prefilled
from incidents.postmortem.models import Postmortem
from itsm.kernel.actors import Actor


def article_begun(postmortem: Postmortem, actor: Actor) -> Prefilled:
    """Impact as its symptoms; factors and what was done about it as its text. For those who work here."""
    factors = [f"- {_plain(one)}" for one in postmortem.factors]
    actions = [f"- {_plain(one.outcome or one.text)}" for one in postmortem.actions.all()]
    parts = [part for title, lines in (("## Why", factors), ("## What helps", actions)) if lines
             for part in (title, "", *lines, "")]  # fmt: skip
    return Prefilled(
        title=postmortem.title,
        symptoms=postmortem.impact[:2000],
        body="\n".join(parts).strip(),
        service=postmortem.about.service,
    )


def _plain(text: str) -> str:
    return " ".join(text.split())
