"""The clock stands, unless a story lets it go on."""

import pytest

from tests.incidents.stored_text.watch import Watch


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    held = Watch()
    monkeypatch.setattr("django.utils.timezone.now", lambda: held.now)
    return held
