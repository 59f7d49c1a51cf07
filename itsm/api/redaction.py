"""No secrets in logs: tokens and passwords are struck out of every line before it is written."""

import logging
import re

_SECRETS = re.compile(
    r"""
    (hr_[a-z0-9]{12}\.) [a-z0-9_-]+  # a token
    | (hrr_) [a-z0-9]{20,}  # a refresh token
    | (://[^:/@\s]*:) [^@\s]+ (?=@)  # a password in an address
    | ((?:password|secret|authorization)[\w-]*["']?\s*[=:]\s*(?:b?["'])?)  # a name that says so, and its value
      (?:(?:bearer|basic|token)\s+)? (?:(?<=")[^"]*|(?<=')[^']*|\S+)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_plain = logging.Formatter()


def without_secrets(text: str) -> str:
    return _SECRETS.sub(lambda found: next(part for part in found.groups() if part) + "[redacted]", text)


class NoSecrets(logging.Filter):
    """Cleans the message and the traceback, which repeats what the failing call was given."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        cleaned = without_secrets(message)
        if cleaned != message:
            record.msg, record.args = cleaned, ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _plain.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = without_secrets(record.exc_text)
        return True
