"""The link of a mail: signed, for one question, without signing in. Looking at it says nothing: programs that read
mails follow links, so what it leads to is a page whose form is sent."""

from django.core import signing

from itsm.notifications.web_addresses import our_address
from itsm.satisfaction.models import Survey

_SALT = "itsm.satisfaction.links"
_MAX_LENGTH = 100


def token_of(survey: Survey) -> str:
    """The same for one question at all times; it opens that question and nothing else."""
    return signing.Signer(salt=_SALT).sign(str(survey.pk))


def survey_of(token: str) -> Survey | None:
    """None for a token that is not ours."""
    if len(token) > _MAX_LENGTH:
        return None
    try:
        number = signing.Signer(salt=_SALT).unsign(token)
    except signing.BadSignature:
        return None
    return Survey.objects.filter(pk=int(number)).first()


def address_of(survey: Survey, score: str = "") -> str:
    """Where the question is answered; with a score it is chosen already."""
    chosen = f"{score}/" if score else ""
    return our_address(f"/feedback/{token_of(survey)}/{chosen}")
