"""What articles and improvements promise for later, re-derived from their records: I15."""

from itsm.invariants.platform.promised import promises


def register() -> None:
    """Called once, at start."""
    article = (
        "SELECT 'article', a.id, 'KNO-' || lpad(a.id::text, 5, '0'), (a.{day} + 1)::timestamp AT TIME ZONE 'UTC'"
        " FROM catalog_article a WHERE a.live IS NOT NULL AND a.status = 'published' AND a.{day} IS NOT NULL"
    )
    promises("catalog.article_review_due", article.format(day="review_on"), until=True)
    promises("catalog.article_expires", article.format(day="valid_to"), until=True)
    promises(
        "catalog.improvement_shows",
        "SELECT 'improvement', i.id, 'IMP-' || lpad(i.id::text, 5, '0'), i.finished_at + interval '14 days'"
        " FROM catalog_improvement i WHERE i.status = 'measuring' AND i.finished_at IS NOT NULL",
        until=True,
    )
