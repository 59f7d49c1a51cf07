"""What users and groups have in common: how they are found, paged, tagged and searched."""

import re
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.scim import operations, resources
from itsm.scim.errors import ScimRefused, invalid_filter, invalid_value
from itsm.scim.filtering import condition, number_of
from itsm.scim.grammar import parse_filter
from itsm.scim.views.doors import NOBODY_THERE, ScimView, an_object

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
_TAG = re.compile(r'(?:W/)?"?([\w-]{1,40}?)(?:[-;](?:gzip|br|zstd|deflate))?"?', re.ASCII)
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)


class Resources(ScimView):
    """What users and groups have in common: how they are found, paged and tagged."""

    asked_by: Any = None

    def rows(self) -> QuerySet[Any]:
        """What this provider wrote."""
        raise NotImplementedError

    def shown(self, one: Any) -> dict[str, Any]:
        raise NotImplementedError

    def find(self, key: str) -> Any:
        number = number_of(key)
        found = self.rows().filter(pk=number).first() if number is not None else None
        if found is None:
            raise ScimRefused(404, _(NOBODY_THERE))
        return found

    def answer(self, one: Any, status: int = 200) -> Response:
        shown = self.shown(one)
        wanted, unwanted = self._attributes()
        response = Response(resources.projected(shown, wanted, unwanted), status=status)
        response["ETag"] = shown["meta"]["version"]
        if status == 201:
            response["Location"] = shown["meta"]["location"]
        return response

    def asked(self) -> Mapping[str, Any]:
        """What a list is asked by: of the address, or of the body of a search."""
        return self.request.query_params

    def listed(self) -> Response:
        start, count = self._page()
        rows = self.filtered(self.rows())
        total = rows.count()
        shown = self.some(rows, start - 1, count)
        return Response(resources.listed(shown, total, start))

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        text = self.asked().get("filter")
        if text:
            if not isinstance(text, str):
                raise invalid_filter(_("A filter is a text."))
            rows = rows.filter(condition(parse_filter(text), self.asked_by)).distinct()
        return rows.order_by("created_at", "pk")

    def some(self, rows: QuerySet[Any], first: int, count: int) -> list[dict[str, Any]]:
        wanted, unwanted = self._attributes()
        found = rows[first : first + count] if count > 0 else ()
        return [resources.projected(self.shown(one), wanted, unwanted) for one in found]

    def seen(self) -> str | None:
        """The tag that If-Match names; None where it names none."""
        header = self.request.headers.get("If-Match")
        if header is None or header.strip() == "*":
            return None
        found = _TAG.fullmatch(header.strip())
        if found is None:
            raise invalid_value(_("If-Match names the version that was read."))
        return found[1]

    def is_known(self, one: Any) -> bool:
        """Whether the reader has it as it is (If-None-Match)."""
        header = self.request.headers.get("If-None-Match", "")
        tags = [_TAG.fullmatch(part.strip()) for part in header.split(",")]
        return operations.tag_of(one) in {tag[1] for tag in tags if tag}

    def _attributes(self) -> tuple[list[str], list[str]]:
        def of(name: str) -> list[str]:
            said = self.asked().get(name) or ""
            parts = said if isinstance(said, list) else str(said)[:2000].split(",")
            return [str(part).strip().rpartition(":")[2] for part in parts[:100] if str(part).strip()]

        return of("attributes"), of("excludedAttributes")

    def _page(self) -> tuple[int, int]:
        start = max(self._number("startIndex", 1), 1)
        return start, min(max(self._number("count", resources.MOST_RESULTS), 0), resources.MOST_RESULTS)

    def _number(self, name: str, usual: int) -> int:
        said = self.asked().get(name)
        if said is None:
            return usual
        if isinstance(said, bool) or not _WHOLE.fullmatch(str(said)):
            raise invalid_value(_("“%(name)s” is a whole number.") % {"name": name})
        return int(said)


class Searched(Resources):
    """POST of what a list is asked by (RFC 7644, 3.4.3): nothing of it stands in an address, which is logged."""

    def asked(self) -> Mapping[str, Any]:
        body = self.request.data
        return body if isinstance(body, dict) else {}

    def post(self, request: Request) -> Response:
        schemas = an_object(request.data).get("schemas")
        if not isinstance(schemas, list) or SEARCH not in schemas:
            raise ScimRefused(400, _("The body names the schema %(schema)s.") % {"schema": SEARCH}, "invalidSyntax")
        return self.listed()
