"""The door of SCIM. Only a token of a provider's own account, with the scope that names it, comes in here; it sees what
that provider wrote, and nothing else is there for it."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import DataError, InterfaceError, OperationalError
from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from itsm.accounts.models import Token
from itsm.accounts.tokens import TokenRefused
from itsm.api.authentication import Bearer
from itsm.api.parsers import StrictJSON
from itsm.api.problems import CHALLENGE, RETRY_AFTER_SECONDS
from itsm.identity.models import IdentityProvider
from itsm.kernel.errors import DomainError
from itsm.scim import operations, resources
from itsm.scim.configured import provider_of
from itsm.scim.documents import GROUP_SHAPE, USER_SHAPE, GroupSaid, UserSaid, group_said, user_said
from itsm.scim.errors import ScimRefused, error_body, invalid_filter, invalid_value
from itsm.scim.filtering import OF_GROUPS, OF_USERS, condition, number_of
from itsm.scim.grammar import parse_filter
from itsm.scim.models import ScimGroup, ScimUser
from itsm.scim.patching import patched
from itsm.scim.resources import as_document

SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
MEDIA_TYPE = "application/scim+json"
_TAG = re.compile(r'(?:W/)?"?([\w-]{1,40}?)(?:[-;](?:gzip|br|zstd|deflate))?"?', re.ASCII)
_WHOLE = re.compile(r"-?\d{1,9}", re.ASCII)
_NOBODY_THERE = "There is no such resource."


class ScimJSON(StrictJSON):
    media_type = MEDIA_TYPE


class ScimRenderer(JSONRenderer):
    media_type = MEDIA_TYPE
    charset = "utf-8"


class ScimView(APIView):
    """Who comes in, and how what goes wrong is said. Every answer is SCIM's."""

    schema = None  # SCIM describes itself, at /Schemas and /ResourceTypes
    authentication_classes = (Bearer,)
    permission_classes = ()
    parser_classes: tuple[type[BaseParser], ...] = (ScimJSON, StrictJSON)
    renderer_classes = (ScimRenderer,)
    provider: IdentityProvider

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """There is one form: who asks for application/json is given it as well (RFC 7644, 3.8)."""
        return ScimRenderer(), MEDIA_TYPE

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not isinstance(request.auth, Token):
            raise exceptions.NotAuthenticated
        found = provider_of(request.auth)
        if found is None:
            raise ScimRefused(403, _("This token is none of a provider that is trusted here, with the scope “scim”."))
        self.provider = found

    def handle_exception(self, error: Exception) -> Response:
        response = self._refusal(error)
        if response.status_code == 401:
            response["WWW-Authenticate"] = CHALLENGE
        response.exception = True
        return response

    def _refusal(self, error: Exception) -> Response:
        match error:
            case ScimRefused():
                return _said(error.status, error.detail, error.scim_type)
            case TokenRefused() | exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
                return _said(401, str(getattr(error, "detail", "")))
            case exceptions.ParseError():
                return _said(400, str(error.detail), "invalidSyntax")
            case DomainError():
                return _said(error.status, error.detail)
            case exceptions.APIException():
                return _said(error.status_code, str(error.detail))
            case DataError():
                return _said(400, _("A value does not fit."), "invalidValue")
            case OperationalError() | InterfaceError():
                response = _said(503, _("Try again shortly."))
                response["Retry-After"] = str(RETRY_AFTER_SECONDS)
                return response
        raise error


def _said(status: int, detail: str, scim_type: str = "") -> Response:
    return Response(error_body(status, detail, scim_type), status=status)


class Nowhere(ScimView):
    """Whatever is not there: /Me, /Bulk, what nobody knows."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise ScimRefused(404, _(_NOBODY_THERE))

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Never reached: every method is answered above."""
        raise ScimRefused(404, _(_NOBODY_THERE))

    post = put = patch = delete = get


class Config(ScimView):
    def get(self, request: Request) -> Response:
        return Response(resources.service_provider_config())


class Described(ScimView):
    """Resource types and schemas: all of them, or one by its id."""

    of = "types"

    def get(self, request: Request, key: str | None = None) -> Response:
        if "filter" in request.query_params:  # RFC 7644, 4: these are not filtered
            raise ScimRefused(403, _("These are not filtered."))
        all_of_them = resources.resource_types() if self.of == "types" else resources.schemas()
        if key is None:
            return Response(resources.listed(all_of_them, len(all_of_them), 1))
        found = next((one for one in all_of_them if one["id"] == key), None)
        if found is None:
            raise ScimRefused(404, _(_NOBODY_THERE))
        return Response(found)


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
            raise ScimRefused(404, _(_NOBODY_THERE))
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


class OfUsers(Resources):
    asked_by = OF_USERS

    def rows(self) -> QuerySet[ScimUser]:
        rows = ScimUser.objects.filter(provider=self.provider).select_related("user", "provider")
        return rows.prefetch_related(Prefetch("groups", ScimGroup.objects.order_by("created_at", "pk")))

    def shown(self, one: ScimUser) -> dict[str, Any]:
        return resources.user_shown(one)


class Searched(Resources):
    """POST of what a list is asked by (RFC 7644, 3.4.3): nothing of it stands in an address, which is logged."""

    def asked(self) -> Mapping[str, Any]:
        body = self.request.data
        return body if isinstance(body, dict) else {}

    def post(self, request: Request) -> Response:
        schemas = _object(request.data).get("schemas")
        if not isinstance(schemas, list) or SEARCH not in schemas:
            raise ScimRefused(400, _("The body names the schema %(schema)s.") % {"schema": SEARCH}, "invalidSyntax")
        return self.listed()


class SearchUsers(Searched, OfUsers):
    pass


class Users(OfUsers):
    def get(self, request: Request) -> Response:
        return self.listed()

    def post(self, request: Request) -> Response:
        made = operations.create_user(self.provider, user_said(request.data), at=timezone.now())
        return self.answer(made, 201)


class OneUser(OfUsers):
    def get(self, request: Request, key: str) -> Response:
        one = self.find(key)
        return Response(status=304) if self.is_known(one) else self.answer(one)

    def put(self, request: Request, key: str) -> Response:
        """Whether somebody is active is said or stays: nobody is let in again by leaving a word out."""
        body = _object(request.data)
        return self._changed(key, lambda held: user_said(body, active=held.active))

    def patch(self, request: Request, key: str) -> Response:
        body = request.data
        return self._changed(key, lambda held: user_said(patched(USER_SHAPE, as_document(held), body), held.active))

    def delete(self, request: Request, key: str) -> Response:
        operations.delete_user(self.find(key), seen=self.seen(), at=timezone.now())
        return Response(status=204)

    def _changed(self, key: str, said: Callable[[ScimUser], UserSaid]) -> Response:
        operations.change_user(self.find(key), said, seen=self.seen(), at=timezone.now())
        return self.answer(self.find(key))


class OfGroups(Resources):
    asked_by = OF_GROUPS

    def rows(self) -> QuerySet[ScimGroup]:
        rows = ScimGroup.objects.filter(provider=self.provider).select_related("provider")
        if "members" in (name.lower() for name in self._attributes()[1]):
            return rows.prefetch_related(Prefetch("members", ScimUser.objects.none()))
        members = ScimUser.objects.only("id").order_by("created_at", "pk")
        return rows.prefetch_related(Prefetch("members", members))

    def shown(self, one: ScimGroup) -> dict[str, Any]:
        return resources.group_shown(one)


class SearchGroups(Searched, OfGroups):
    pass


class SearchAll(Searched):
    """Users, then groups. What is asked of an attribute that one of them has not finds none of those."""

    def listed(self) -> Response:
        start, count = self._page()
        first, total, refused = start - 1, 0, []
        shown: list[dict[str, Any]] = []
        for kind in (SearchUsers, SearchGroups):
            one = kind()
            one.request, one.provider = self.request, self.provider
            try:
                rows = one.filtered(one.rows())
            except ScimRefused as error:
                refused.append(error)
                continue
            here = rows.count()
            shown += one.some(rows, max(first - total, 0), count - len(shown))
            total += here
        if len(refused) == 2:
            raise refused[0]
        return Response(resources.listed(shown, total, start))


class Groups(OfGroups):
    def get(self, request: Request) -> Response:
        return self.listed()

    def post(self, request: Request) -> Response:
        made = operations.create_group(self.provider, group_said(request.data), at=timezone.now())
        return self.answer(self.find(str(made.pk)), 201)


class OneGroup(OfGroups):
    def get(self, request: Request, key: str) -> Response:
        one = self.find(key)
        return Response(status=304) if self.is_known(one) else self.answer(one)

    def put(self, request: Request, key: str) -> Response:
        body = {"members": [], **_object(request.data)}
        return self._changed(key, lambda held: group_said(body))

    def patch(self, request: Request, key: str) -> Response:
        body = request.data

        def said(held: ScimGroup) -> GroupSaid:
            there = [{"value": str(member)} for member in held.memberships.values_list("member", flat=True)]
            written = {"displayName": held.display_name, "externalId": held.external_id, "members": there}
            return group_said({"members": [], **patched(GROUP_SHAPE, written, body)})

        return self._changed(key, said)

    def delete(self, request: Request, key: str) -> Response:
        operations.delete_group(self.find(key), seen=self.seen(), at=timezone.now())
        return Response(status=204)

    def _changed(self, key: str, said: Callable[[ScimGroup], GroupSaid]) -> Response:
        operations.change_group(self.find(key), said, seen=self.seen(), at=timezone.now())
        return self.answer(self.find(key))


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise ScimRefused(400, _("The body is an object."), "invalidSyntax")
    return body
