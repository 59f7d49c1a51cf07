"""What SCIM says of itself, and what is nowhere."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from itsm.scim import resources
from itsm.scim.errors import ScimRefused
from itsm.scim.views.doors import NOBODY_THERE, ScimView


class Nowhere(ScimView):
    """Whatever is not there: /Me, /Bulk, what nobody knows."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise ScimRefused(404, _(NOBODY_THERE))

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Never reached: every method is answered above."""
        raise ScimRefused(404, _(NOBODY_THERE))

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
            raise ScimRefused(404, _(NOBODY_THERE))
        return Response(found)
