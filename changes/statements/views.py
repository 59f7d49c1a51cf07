"""The public keys that verify statements: whoever asks is shown them."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from itsm.signing import keys
from itsm.signing.dsse import key_set


@require_safe
def signing_keys(request: HttpRequest) -> JsonResponse:
    """A key set (JWKS), empty where this desk has no key. It may be kept for an hour."""
    answer = JsonResponse(key_set(*keys.public_keys()))
    answer["Cache-Control"] = "public, max-age=3600"
    return answer
