"""A body without a byte is refused with a sentence, where bodies are read as they came too: no parser is asked then."""

from typing import Any

import pytest

from itsm.api.parsers import StrictJSON
from tests.api.routes import routes
from tests.api.world import bearer, founded, token_of

pytestmark = pytest.mark.django_db


def test_nothing_at_all_is_a_clear_refusal_wherever_a_body_has_a_type_of_its_own() -> None:
    world = founded()
    client, wrong, asked = bearer(token_of(world.people["admin"])), [], 0
    client.raise_request_exception = False
    for route in routes():
        parsers = getattr(route.viewset, "parser_classes", ())
        if not route.writes or not set(parsers) - {StrictJSON}:
            continue
        for kind in sorted({one.media_type for one in parsers}):
            asked += 1
            nothing: Any = b""
            status = client.generic(route.method, world.path(route.name), nothing, kind).status_code
            if status >= 500:
                wrong.append(f"{route} as {kind}: {status}")
    assert asked > 20
    assert not wrong, "\n".join(wrong)
