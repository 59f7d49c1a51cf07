"""Codes of an app (TOTP) and recovery codes: each is good once, whoever else sends it at the same moment."""

import re
import secrets
from datetime import datetime

import pyotp
import segno
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.safestring import SafeString

from itsm.accounts.models import User
from itsm.second_factors.models import RECOVERY_CODES, CodeApp, RecoveryCode
from itsm.second_factors.sealing import Unreadable, unseal

STEP = 30
WINDOW = 1  # steps before and after that count as well: clocks of phones are half a minute off
_DIGITS = re.compile(r"^[0-9]{6}$", re.ASCII)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """160 random bits, as apps take them (base32)."""
    return pyotp.random_base32()


def address_for(user: User, secret: str) -> str:
    """What the QR code says (otpauth://)."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=_issuer())


def _issuer() -> str:
    return f"Headroom {settings.BASE_URL.partition('://')[2]}"


def picture(text: str) -> SafeString:
    """A QR code as SVG, to stand in a page: no style, no script, drawn in what surrounds it."""
    drawn = segno.make(text, error="m").svg_inline(
        scale=5, border=3, dark="#000", light="#fff", omitsize=False, svgclass="qr", lineclass=None, title="QR"
    )
    return SafeString(drawn)  # digits and paths alone


def take_app_code(apps: list[CodeApp], code: str, at: datetime) -> CodeApp | None:
    """The app whose code this is, which is spent with it; None for a wrong or a spent one.

    A code is that of the present step, the one before or the one after, and of none that was taken before.
    """
    if not _DIGITS.match(code):
        return None
    now = int(at.timestamp()) // STEP
    for app in apps:
        try:
            otp = pyotp.TOTP(unseal(app.sealed))
        except Unreadable:
            continue
        for step in range(now - WINDOW, now + WINDOW + 1):
            if constant_time_compare(otp.generate_otp(step), code) and _spent(app, step, at):
                return app
    return None


def _spent(app: CodeApp, step: int, at: datetime) -> bool:
    """One of all who send it at once takes it: the row's own condition decides."""
    fresh = CodeApp.objects.filter(pk=app.pk, last_step__lt=step)
    return fresh.update(last_step=step, last_used_at=at) == 1


def new_recovery_codes(user: User) -> list[str]:
    """Ten codes, shown this once; those of before are worth nothing any more. 50 random bits each."""
    made = [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, code_hash=_hash(user.pk, one)) for one in made])
    return made


def take_recovery_code(user_id: int, code: str, at: datetime) -> bool:
    """Whether it was one of theirs that nobody used: now it is used."""
    plain = re.sub(r"[\s-]", "", code).lower()
    if len(plain) != 10:
        return False
    mine = RecoveryCode.objects.filter(user_id=user_id, code_hash=_hash(user_id, plain), used_at=None)
    return mine.update(used_at=at) == 1


def _hash(user_id: int, code: str) -> str:
    said = f"{user_id}:{code.replace('-', '')}"
    return salted_hmac("itsm.second_factors.recovery", said, algorithm="sha256").hexdigest()
