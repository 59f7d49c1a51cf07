"""How articles read in lists and mails."""

from catalog.knowledge.models import Article
from itsm.markdown import to_plain

_EXCERPT = 160


def excerpt_of(article: Article) -> str:
    """How its symptoms begin, or its text: on one line, cut at a word."""
    said = " ".join((article.symptoms or to_plain(article.text.body[:2_000])).split())
    if len(said) <= _EXCERPT:
        return said
    return f"{said[:_EXCERPT].rsplit(' ', 1)[0]} …"
