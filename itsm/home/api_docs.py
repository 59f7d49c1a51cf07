"""The API's documentation as a page of the product: in the shell, light and dark, for whoever is signed in."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView


class ApiDocs(SpectacularSwaggerSplitView):
    """Swagger's pages. The view knows nobody, as anybody may read it; the shell is for the person who is signed in."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.reader = request.user
        return super().dispatch(request, *args, **kwargs)

    @extend_schema(exclude=True)
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        if "script" in request.GET:
            return answer
        bare = request._request
        bare.user = self.reader
        page: HttpResponse = render(bare, self.template_name, answer.data)
        return page
