"""What people type about a source of what comes in: a document of JSON, the program that it acts as."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from itsm.accounts.models import User
from itsm.api.parsers import loads


def read_json(text: str) -> Any:
    """The document of this text. Raises ValidationError with what is wrong."""
    try:
        return loads(text.encode(), of_strangers=True)
    except Exception as error:  # rest_framework's ParseError, a lone surrogate: all of them say what is wrong
        raise ValidationError(str(getattr(error, "detail", error))[:300]) from error


def as_document(mapping: Any) -> str:
    """A document as it is typed again; "" of none."""
    return json.dumps(mapping, indent=2, ensure_ascii=False) if mapping else ""


def programs() -> "QuerySet[User]":
    """The accounts that a source may act as, by user name."""
    return User.objects.filter(account_type=User.AccountType.SERVICE, is_active=True).order_by("username")
