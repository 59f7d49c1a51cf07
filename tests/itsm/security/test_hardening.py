"""What the walk through the ASVS added: passwords of this place, sessions that nobody uses, traces in browser and log."""

import logging
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import Session, User
from itsm.accounts.sessions import IDLE_FOR

PASSWORD = "correct horse battery staple"


@pytest.fixture
def known(admin: User) -> User:
    admin.set_password(PASSWORD)
    admin.save()
    return admin


@pytest.mark.parametrize(
    "password", ["Headroom-2026!", "servicedesk1234", "HelpDeskAdmin99", "acme-headroom-1", "Welcome_Service_1"]
)
def test_a_password_of_this_places_words_is_refused(password: str, settings: Any) -> None:
    settings.BASE_URL = "https://desk.acme.example"
    with pytest.raises(ValidationError, match="name of this place"):
        validate_password(password)


@pytest.mark.parametrize("password", [PASSWORD, "headroom for elephants", "4815162342-0000000", "ünïcödé ïs fïné"])
def test_any_other_is_taken_whatever_it_is_made_of(password: str) -> None:
    validate_password(password)


@pytest.mark.django_db
def test_a_session_that_nobody_uses_ends_and_one_in_use_goes_on(known: User) -> None:
    browser = Client()
    browser.force_login(known, backend="itsm.accounts.backends.PeopleOnly")
    row = Session.objects.filter(user=known)
    row.update(last_seen_at=timezone.now() - IDLE_FOR + timedelta(minutes=1))
    assert browser.get("/profile/").status_code == 200
    assert timezone.now() - row.get().last_seen_at < timedelta(minutes=1)
    row.update(last_seen_at=timezone.now() - IDLE_FOR - timedelta(minutes=1))
    assert browser.get("/profile/").status_code == 302


@pytest.mark.django_db
def test_signing_out_clears_what_the_browser_keeps(known: User) -> None:
    browser = Client()
    browser.force_login(known, backend="itsm.accounts.backends.PeopleOnly")
    assert browser.post("/sign-out/")["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.django_db
def test_who_came_in_and_what_was_refused_is_a_line_without_what_was_typed(
    known: User, agent: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="headroom.security")
    browser = Client()
    browser.post("/sign-in/", {"username": "my-secret-typed-here", "password": "and a guess"})
    browser.post("/sign-in/", {"username": known.username, "password": PASSWORD})
    browser.force_login(agent, backend="itsm.accounts.backends.PeopleOnly")
    assert browser.get("/settings/").status_code == 403
    assert browser.post("/api/v1/retention-rules/", {}, content_type="application/json").status_code == 403
    refused, came, page, rest = [one.getMessage() for one in caplog.records if one.name == "headroom.security"]
    assert refused.startswith("sign-in refused: from=")
    assert came.startswith(f"signed in: account={known.pk} by=password factors=one")
    assert f"status=403 type=not-permitted account={agent.pk} route=administration:settings" in page
    assert f"account={agent.pk} route=api:retention-rule-list method=POST" in rest
    assert not any(typed in caplog.text for typed in ("my-secret-typed-here", "and a guess", PASSWORD))


def test_behind_https_cookies_are_of_this_host_alone() -> None:
    asked = (
        "import os; os.environ.update(DJANGO_SETTINGS_MODULE='itsm.settings', HEADROOM_BASE_URL='https://desk.example',"
        " HEADROOM_SECRET_KEY='x' * 50); from django.conf import settings as s;"
        " print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE)"
    )
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["__Host-session", "__Host-csrf", "True", "True"]


@pytest.mark.django_db
def test_metrics_are_for_who_measures(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert Client(REMOTE_ADDR="10.1.2.3").get("/metrics").status_code == 200
    assert Client(REMOTE_ADDR="8.8.8.8").get("/metrics").status_code == 403
    settings.METRICS_TOKEN = "of-the-scraper"
    assert Client(REMOTE_ADDR="10.1.2.3").get("/metrics").status_code == 403
    assert Client(REMOTE_ADDR="8.8.8.8").get("/metrics", HTTP_AUTHORIZATION="Bearer of-the-scraper").status_code == 200


@pytest.mark.django_db
def test_a_program_without_encryption_is_told_so_and_a_person_is_led_on(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    refused = Client().get("/api/v1/services/")
    assert refused.status_code == 403
    assert refused.json()["type"].rstrip("/").endswith("https-needed")
    led = Client().get("/sign-in/")
    assert led.status_code == 301
    assert led["Location"].startswith("https://")
    assert Client().get("/api/v1/services/", secure=True).status_code == 401


@pytest.mark.django_db
def test_a_password_of_an_earlier_release_signs_in_and_is_kept_by_argon2_from_then_on(
    admin: User, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = [
        "itsm.accounts.hashing.Argon2id",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]
    admin.password = make_password(PASSWORD, hasher="pbkdf2_sha256")
    admin.save()
    assert Client().post("/sign-in/", {"username": admin.username, "password": PASSWORD}).status_code == 302
    admin.refresh_from_db()
    assert admin.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert Client().post("/sign-in/", {"username": admin.username, "password": PASSWORD}).status_code == 302
