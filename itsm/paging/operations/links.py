"""The link by which somebody answers without signing in: signed, good for one page, for its person, for four hours."""

from django.core import signing

from itsm.paging.models import Page
from itsm.paging.queries.subjects import subject_of

GOOD_FOR = 4 * 3600  # seconds
_SALT = "headroom page"


def token_of(page: Page) -> str:
    """Names the page and its person; of itself it says nothing that a reader could use."""
    return signing.dumps([page.pk, page.person_id], salt=_SALT, compress=False)


def path_of(page: Page) -> str:
    """Our own path. It shows one button: nothing happens until that is pressed."""
    return f"/answer/{token_of(page)}/"


def page_of(token: str) -> Page | None:
    """The page, answered or not; None for what is none of ours, too old, or of somebody who has left."""
    try:
        page_id, person_id = signing.loads(token, salt=_SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = Page.objects.filter(pk=page_id, person=person_id, person__is_active=True)
    return found.select_related("person", "escalation", "escalation__held_by").first()


def title_of(page: Page) -> str:
    """What whoever holds the link reads: of what is confidential its reference alone."""
    return page.reference if subject_of(page.subject_kind).discreet(page.subject_id) else page.title
