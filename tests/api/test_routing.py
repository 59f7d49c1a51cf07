"""An address of the API is found among those that begin with its first word, and is the one that Django would find."""

import pytest
from django.urls import Resolver404, URLResolver, get_resolver, reverse

from itsm.api.routing import Resolver
from tests.api.routes import routes
from tests.api.world import World


def resolver() -> Resolver:
    return next(one for one in get_resolver().url_patterns if isinstance(one, Resolver))


def test_each_leads_where_django_leads(world: World) -> None:
    found, paths = resolver(), {world.path(route.name).partition("?")[0].removeprefix("/") for route in routes()}
    paths |= {path.rstrip("/") for path in paths}
    for path in sorted(paths):
        mine, theirs = found.resolve(path), URLResolver.resolve(found, path)
        assert (mine.func, mine.args, mine.kwargs) == (theirs.func, theirs.args, theirs.kwargs), path
        assert (mine.view_name, mine.route) == (theirs.view_name, theirs.route), path
    assert len(paths) > 300


@pytest.mark.parametrize(
    "path", ["", "nowhere/", "incidents.exe", "incidents/a/b/c/d/", "-", "servicesx/", "services\n"]
)
def test_none_is_found_where_django_finds_none(path: str) -> None:
    for resolve in (resolver().resolve, lambda path: URLResolver.resolve(resolver(), path)):
        with pytest.raises(Resolver404):
            resolve(f"api/v1/{path}")


def test_few_are_looked_at_for_one() -> None:
    parts = resolver()._parts
    assert len(parts["incidents"].url_patterns) < len(resolver().url_patterns) / 3
    assert reverse("api:incident-list").rstrip("/") == "/api/v1/incidents"
