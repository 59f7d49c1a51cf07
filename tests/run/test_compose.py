"""docker-compose.yml and Dockerfile against the settings, and against what production needs."""

import re
from typing import Any

import pytest
import yaml

from itsm.run import places, production

ROOT = places.ROOT
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APPLICATION = {"web", "worker", "beat", "paging", "outward", "watch", "auditor", "migrate"}
SERVERS = {"postgres", "valkey"}
# Read by gunicorn's configuration and by Celery, not by the settings.
OTHERS_READ = {"REMAP_SIGTERM"}
SETTING = re.compile(r'(?:text|flag|words|number)\(\s*"([A-Z][A-Z_]+)"')


def known_settings() -> set[str]:
    return set(SETTING.findall((ROOT / "itsm" / "settings.py").read_text()))


def test_it_holds_the_whole_product() -> None:
    assert set(SERVICES) == APPLICATION | SERVERS
    assert SERVICES["postgres"]["image"].startswith("postgres:18.")


@pytest.mark.parametrize("name", sorted(APPLICATION))
def test_every_variable_is_one_that_the_settings_read(name: str) -> None:
    given = {variable.removesuffix("_FILE") for variable in SERVICES[name]["environment"]} - OTHERS_READ
    assert given <= known_settings()
    assert {"DATABASE_URL", "REDIS_URL", "HEADROOM_SECRET_KEY"} <= given


def test_the_example_names_every_setting_and_no_other() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", example, re.MULTILINE))
    for_compose_alone = {"HEADROOM_CREDENTIALS", "HEADROOM_PUBLISH", "HEADROOM_VERSION"}
    of_the_launcher = {"HEADROOM_DATABASE_ROLE"}
    read_by_backups = "".join(
        (ROOT / "itsm" / "run" / f"{name}.py").read_text() for name in ("archive", "backup", "keeping")
    )
    for_make_run_alone = set(re.findall(r'"(HEADROOM_BACKUP_[A-Z]+)"', read_by_backups))
    assert named - for_compose_alone == known_settings() - of_the_launcher | for_make_run_alone


def test_no_setting_is_named_like_the_file_of_another() -> None:
    """NAME_FILE is where NAME stands: such a setting would be taken for the text of its file."""
    assert [name for name in sorted(known_settings()) if name.endswith("_FILE")] == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_is_hardened(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["tmpfs"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    user, _, group = service["user"].partition(":")
    assert int(user) > 0
    assert int(group) > 0


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_lasting_service_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_the_worker_is_judged_by_what_it_finished_and_ended_when_it_finishes_nothing() -> None:
    worker = SERVICES["worker"]
    check = worker["healthcheck"]["test"]
    assert check[:4] == ["CMD", "python", "-m", "itsm.run.pulse"]
    assert check[check.index("--end") + 1] == worker["command"][worker["command"].index("--pidfile") + 1]
    assert "ping" not in str(check)


def test_production_is_no_demo_and_shows_no_traces() -> None:
    for name in APPLICATION:
        assert SERVICES[name]["environment"]["HEADROOM_DEBUG"] == "off"
        assert SERVICES[name]["environment"]["HEADROOM_DEMO"] == "off"


def test_secrets_are_files_and_each_is_made_by_make_secrets() -> None:
    files = {name: secret["file"] for name, secret in COMPOSE["secrets"].items()}
    assert files == {name: f".secrets/{name}" for name in production.contents()}
    for service in SERVICES.values():
        assert set(service["secrets"]) <= set(files)
        for variable, value in service["environment"].items() if "environment" in service else []:
            if variable.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]
            else:
                is_secret = re.search("KEY|PASSWORD|TOKEN|_URL$", variable.removeprefix("HEADROOM_BASE_URL"))
                # What another system gave stands in the operator's .env, and nowhere where they say nothing.
                assert not is_secret or value == f"${{{variable}:-}}", variable


def test_no_password_stands_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert not re.search(r"://[^\s:/^]*:[^\s@(\[]+@", text)


def test_the_owner_of_the_tables_is_known_to_the_migration_alone() -> None:
    lasting = APPLICATION - {"migrate"}
    assert all("database_owner_url" not in SERVICES[name]["secrets"] for name in lasting)
    assert SERVICES["migrate"]["environment"]["HEADROOM_DATABASE_ROLE"] == "owner"
    for name in lasting:
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"


def test_servers_are_not_published() -> None:
    for name in SERVERS:
        assert "ports" not in SERVICES[name]
        assert SERVICES[name]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_images_are_pinned() -> None:
    images = [SERVICES[name]["image"] for name in SERVERS]
    dockerfile = (ROOT / "Dockerfile").read_text()
    images += re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE)
    for image in images:
        assert re.search(r":\d+(\.\d+)*", image), image
    assert dockerfile.rstrip().splitlines()[-4].startswith("USER 10001")


def test_the_image_installs_only_what_is_locked() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.txt" in dockerfile
    for source in re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.MULTILINE):
        for name in source.split():
            assert (ROOT / name).exists(), name
