"""How an answer of a provider is refused, before anybody is found by it."""

from django.utils.translation import gettext as _

from itsm.identity.errors import SignUpRefused
from itsm.identity.models import IdentityProvider
from itsm.identity.vocabulary import Refusal


class AnswerRefused(SignUpRefused):
    """The answer does not hold. `told`: for administrators, what exactly; people read what helps them."""

    def __init__(self, told: str, detail: str, reason: Refusal = Refusal.BAD_ANSWER) -> None:
        super().__init__(reason, detail)
        self.told = told


def refused(provider: IdentityProvider, told: str) -> AnswerRefused:
    """What people read is the same whatever did not hold; administrators read `told`."""
    said = _("%(name)s sent an answer that does not hold. Try again; if it stays so, tell an administrator.")
    return AnswerRefused(told, said % {"name": provider.name})
