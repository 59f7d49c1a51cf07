from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from itsm.accounts.models import User
from itsm.second_factors import codes
from itsm.second_factors.models import CodeApp
from itsm.second_factors.sealing import seal, unseal
from tests.itsm.second_factors.key import ORIGIN

WORD = "correct horse battery"


@pytest.fixture(autouse=True)
def named_desk(settings: object) -> None:
    """A desk at an address with a name, as keys want it."""
    settings.BASE_URL = ORIGIN  # type: ignore[attr-defined]


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", WORD, roles=["engineer"], email="ada@desk.example")


@pytest.fixture
def with_app() -> Callable[[User], CodeApp]:
    """Gives somebody an app for codes."""

    def give(user: User) -> CodeApp:
        at = timezone.now() - timedelta(days=1)
        return CodeApp.objects.create(
            user=user, name="phone", sealed=seal(codes.new_secret()), created_at=at, confirmed_at=at
        )

    return give


def code_of(app: CodeApp, steps: int = 0, at: datetime | None = None) -> str:
    """What the app shows now, or so many steps later."""
    now = int((at or timezone.now()).timestamp())
    return pyotp.TOTP(unseal(app.sealed)).generate_otp(now // 30 + steps)


def sign_in(client: Client, user: User, password: str = WORD, **extra: str) -> str:
    """Where the password leads to."""
    return str(client.post("/sign-in/", {"username": user.username, "password": password}, **extra).get("Location"))
