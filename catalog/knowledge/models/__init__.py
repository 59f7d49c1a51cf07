"""What knowledge stores."""

from catalog.knowledge.models.articles import Article
from catalog.knowledge.models.feedback import ArticleUse, ArticleVote
from catalog.knowledge.models.versions import ArticleVersion
from catalog.knowledge.models.words import ArticleWord

__all__ = ["Article", "ArticleUse", "ArticleVersion", "ArticleVote", "ArticleWord"]
