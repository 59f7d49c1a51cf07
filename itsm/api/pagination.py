"""Cursor paging: the same cost on every page, no row twice, no row missed."""

import re
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination

from itsm.notifications.web_addresses import our_address

_SIZE = re.compile(r"^0*[1-9]\d{0,8}\Z", re.ASCII)
_POSITION = re.compile(r"^\d{1,18}\Z", re.ASCII)


class Cursor(CursorPagination):
    page_size = 50
    max_page_size = 200
    page_size_query_param = "page_size"
    ordering = "-id"  # unique, so the cursor has a firm place to stand

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        page: Any = super().paginate_queryset(queryset, request, view)
        self.base_url = our_address(request.get_full_path())
        return page

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        properties = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": ["next", "previous", "results"], "properties": properties}

    def get_page_size(self, request: Any) -> int:
        """As many as were asked for, 200 at most; a 400 for what is no number of rows."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not _SIZE.match(asked):
            raise ValidationError({"page_size": [_("Send a whole number from 1 on; more than 200 are given as 200.")]})
        return min(int(asked), self.max_page_size)

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
