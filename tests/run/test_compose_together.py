"""docker-compose.yml with docker-compose.archive.yml beside it, as `docker compose config` puts them together."""

import re
from typing import Any

import pytest
import yaml

from itsm.run import archive, homes
from tests.run.test_compose import APPLICATION, COMPOSE, ROOT, SERVERS, SERVICES

BESIDE = ROOT / "docker-compose.archive.yml"
# What a service says that another file adds to (https://docs.docker.com/reference/compose-file/merge/); `command` is
# taken from the later file alone.
ADDED = {"volumes"}
SAID = re.compile(r"\$(?:\$|\{([A-Z_]+)(?::([-?])([^}]*))?\})")
NEEDED = {
    "HEADROOM_BASE_URL": "https://desk.example.com",
    "HEADROOM_ALLOWED_HOSTS": "desk.example.com",
    archive.NAME: "/srv/headroom-archive",
}


def interpolated(value: Any, env: dict[str, str]) -> Any:
    """As compose reads it: `${NAME}`, with a default or a complaint, and `$$` for a dollar sign. LookupError for what it
    complains of, ValueError for what it does not know."""

    def one(found: re.Match[str]) -> str:
        name, how, word = found.groups()
        if name is None:
            return "\0"
        if how == "?" and not env.get(name):
            raise LookupError(word)
        return env.get(name) or (word if how == "-" else "")

    if isinstance(value, dict):
        return {key: interpolated(part, env) for key, part in value.items()}
    if isinstance(value, list):
        return [interpolated(part, env) for part in value]
    if not isinstance(value, str):
        return value
    said = SAID.sub(one, value)
    if "$" in said:
        raise ValueError(value)
    return said.replace("\0", "$")


def both(env: dict[str, str]) -> dict[str, Any]:
    beside = yaml.safe_load(BESIDE.read_text())
    services = {name: dict(service) for name, service in SERVICES.items()}
    for name, words in beside["services"].items():
        mine = services[name]
        services[name] = mine | {key: mine[key] + word if key in ADDED else word for key, word in words.items()}
    return interpolated({**COMPOSE, "services": services}, env)


def settings_of(command: list[str]) -> dict[str, str]:
    """`-c name=value` of PostgreSQL's command line."""
    program, *words = command
    assert program == "postgres"
    assert set(words[::2]) == {"-c"}
    return dict(word.split("=", 1) for word in words[1::2])


def test_both_files_together_are_as_one_would_write_them() -> None:
    merged = both(NEEDED)
    beside = yaml.safe_load(BESIDE.read_text())
    assert set(beside) == {"services"}
    assert set(beside["services"]) == {"postgres"}
    assert set(beside["services"]["postgres"]) == {"command", "volumes"}
    server = merged["services"]["postgres"]
    assert server["volumes"] == ["postgres:/var/lib/postgresql", "/srv/headroom-archive:/archive"]
    said = settings_of(server["command"])
    assert said == settings_of(SERVICES["postgres"]["command"]) | archive.options("/archive")
    assert server["read_only"] is True, "the log goes to the volume, and nowhere else"


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_what_has_no_default_is_asked_for_in_a_sentence(name: str) -> None:
    with pytest.raises(LookupError, match=r"say in \.env (where|which)"):
        both({key: value for key, value in NEEDED.items() if key != name})


def test_every_name_that_is_filled_in_stands_in_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text() + BESIDE.read_text()
    example = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {name for name, *_ in SAID.findall(text) if name} <= example


def test_what_a_service_uses_is_declared() -> None:
    merged = both(NEEDED)
    for name, service in merged["services"].items():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source[0] in "./" or source in merged["volumes"], (name, volume)
        targets = [volume.split(":")[1] for volume in service.get("volumes", [])]
        assert len({*targets}) == len(targets), "one place, one volume"
        assert set(service.get("secrets", ())) <= set(merged["secrets"]), name
        assert {one["source"] for one in service.get("configs", ())} <= set(merged["configs"]), name
        assert set(service["networks"]) <= set(merged["networks"]), name
        for other, wanted in service.get("depends_on", {}).items():
            judged = "healthcheck" in merged["services"][other] and wanted["condition"] == "service_healthy"
            assert judged or wanted["condition"] == "service_completed_successfully", (name, other)
    assert merged["services"]["web"]["environment"]["HEADROOM_FILES_DIR"] == homes.VOLUME


@pytest.mark.parametrize("name", sorted(APPLICATION | SERVERS))
def test_programs_of_ours_that_it_starts_are_there(name: str) -> None:
    """`python -m module`, `manage.py command`: in commands and in health checks."""
    service = both(NEEDED)["services"][name]
    words = " ".join(map(str, [*service.get("command", ()), *service.get("healthcheck", {}).get("test", ())]))
    for module in re.findall(r"-m (itsm[\w.]+)", words):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module
    for command in re.findall(r"manage\.py (\w+)", words):
        assert list(ROOT.glob(f"*/**/management/commands/{command}.py")), command
