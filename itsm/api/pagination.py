"""Cursor paging: the same cost on every page, no row twice, no row missed."""

import re
from typing import Any

from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination

_POSITION = re.compile(r"^\d{1,18}\Z", re.ASCII)


class Cursor(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-id"  # unique, so the cursor has a firm place to stand

    def decode_cursor(self, request: Any) -> Any:
        """What `next` or `previous` said, or a 400: positions are ids, whatever the cursor was made of."""
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise _broken() from error
        if cursor is not None and cursor.position is not None and not _POSITION.match(str(cursor.position)):
            raise _broken()
        return cursor


def _broken() -> ValidationError:
    return ValidationError({"cursor": ["This is no cursor; follow next and previous as they were given."]})
