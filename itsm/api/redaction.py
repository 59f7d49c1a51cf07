"""No secrets in logs: tokens and passwords are struck out of every line before it is written."""

import logging
import re

_SECRETS = re.compile(
    r"(hr_[A-Za-z0-9]{12}\.)[A-Za-z0-9_-]+|(://[^:/@\s]*:)[^@\s/]+(?=@)|((?:password|secret|authorization)[\"']?\s*[=:]\s*)\S+",
    re.IGNORECASE,
)


class NoSecrets(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        cleaned = _SECRETS.sub(lambda found: next(part for part in found.groups() if part) + "[redacted]", message)
        if cleaned != message:
            record.msg, record.args = cleaned, ()
        return True
