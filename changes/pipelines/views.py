"""What pipelines fetch without an account: the command and its checksum. Nothing of the desk's records is in it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition, require_safe

from changes.pipelines import queries


def _etag(request: HttpRequest) -> str:
    return f'"{queries.checksum()}"'


@require_safe
@condition(etag_func=_etag)
@cache_control(public=True, max_age=300)
def command(request: HttpRequest) -> HttpResponse:
    """The file `headroom`; the same bytes for everybody."""
    answer = HttpResponse(queries.command(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="headroom"'
    return answer


@require_safe
@cache_control(public=True, max_age=300)
def checksum(request: HttpRequest) -> HttpResponse:
    """As `sha256sum --check` reads it."""
    return HttpResponse(f"{queries.checksum()}  headroom\n", content_type="text/plain; charset=utf-8")
