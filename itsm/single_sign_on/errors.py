"""How an answer of a provider is refused, before anybody is found by it."""

from itsm.identity.errors import SignUpRefused
from itsm.identity.vocabulary import Refusal


class AnswerRefused(SignUpRefused):
    """The answer does not hold. `told`: for administrators, what exactly; people read what helps them."""

    def __init__(self, told: str, detail: str, reason: Refusal = Refusal.BAD_ANSWER) -> None:
        super().__init__(reason, detail)
        self.told = told
