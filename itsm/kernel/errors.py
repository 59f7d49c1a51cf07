"""What an operation may refuse with. Each surface (REST, page, command) translates these once.

`code` is stable: it ends the `type` of the problem that the API answers with.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

_TOO_LARGE = "54"  # a class of PostgreSQL's codes: 54000, program_limit_exceeded


class DomainError(Exception):
    """A refusal in plain words. `extra` is added to the API's problem as further members.

    `members` describes those of an app's own refusal: name -> JSON Schema, for the schema of the API.
    """

    code = "refused"
    title = "Refused"
    status = 400
    retryable = False
    keeps_effects = False  # True: what the operation did before it refused is meant to stay
    members: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra: dict[str, Any] = extra


class InvalidInput(DomainError):
    """The shape of the input is wrong. `errors` maps a field (JSON pointer) to sentences."""

    code, title, status = "invalid-input", "The input cannot be used", 400

    def __init__(self, detail: str, errors: Mapping[str, Sequence[str]] | None = None, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.errors = {field: list(sentences) for field, sentences in (errors or {}).items()}

    @classmethod
    def about(cls, field: str, sentence: str, **extra: Any) -> Self:
        """One field is wrong, and one sentence says why: for the whole and beside the field."""
        return cls(sentence, {field: [sentence]}, **extra)


class NotPermitted(DomainError):
    code, title, status = "not-permitted", "You may not do this", 403


class PasswordNeeded(DomainError):
    """It would be allowed to who has just shown who they are."""

    code, title, status = "password-needed", "Show once more who you are", 403


class NotFound(DomainError):
    code, title, status = "not-found", "There is no such thing, or you may not see it", 404


class WrongState(DomainError):
    """The record is not where this step starts. `available` lists the steps that are open."""

    code, title, status = "wrong-state", "Not from this state", 409


class AuthorisationRevoked(WrongState):
    """An authorisation no longer holds: it was taken back, which is kept, and the step is refused."""

    keeps_effects = True


class Held(WrongState):
    """It may go only when those who let it go say so again; they were asked, which is kept."""

    keeps_effects = True


class Conflict(DomainError):
    code, title, status = "conflict", "This clashes with what is already there", 409


class StaleVersion(DomainError):
    code, title, status = "stale-version", "Somebody changed it since you read it", 412


class VersionRequired(DomainError):
    code, title, status = "version-required", "Say which version you read (If-Match)", 428


class MissingInformation(DomainError):
    """The step is open but something it needs is not there yet. Lists everything missing."""

    code, title, status = "missing-information", "Something is missing", 422


class Unavailable(DomainError):
    code, title, status, retryable = "unavailable", "Not available right now", 503, True


def said_by_the_database(error: Exception) -> str:
    """Of Django's error for the log: the kind, and the first line of what the database said; others may repeat rows,
    and so may the first where a value is too large for it: of that the kind alone."""
    kind, lines = type(error.__cause__ or error).__name__, str(error).splitlines()
    is_quoting = str(getattr(error.__cause__, "pgcode", None)).startswith(_TOO_LARGE)
    return f"{kind}: {lines[0][:200]}" if lines and not is_quoting else kind
