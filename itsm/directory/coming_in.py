"""Signing in by the directory: whose password it is, the directory says; who that is here, the identity knows.

A name that somebody has here is asked of the directory only where that account is known by it; any other name may be
somebody there who never came before.
"""

import time
from datetime import datetime

from django.utils.translation import gettext as _

from itsm.accounts.models import User
from itsm.directory import groups, people
from itsm.directory.configured import Directory, directory_of
from itsm.directory.identifying import identified
from itsm.directory.line import BindRefused, DirectoryFailed
from itsm.directory.people import Person
from itsm.directory.talk import bind, reading
from itsm.identity.errors import SignUpRefused
from itsm.identity.models import ExternalIdentity, IdentityProvider
from itsm.identity.operations import note_refusal, provision
from itsm.identity.vocabulary import Protocol, Refusal
from itsm.kernel.errors import Unavailable

SECONDS = 8.0
_MOST_DIRECTORIES = 5


def by_password(name: str, password: str, *, at: datetime) -> tuple[User, IdentityProvider] | None:
    """Who this is, and by which directory; None where no directory says so. An empty password is nobody's.

    Raises Unavailable where a directory that might know them cannot be asked: that is no wrong guess.
    """
    if not name or not password:
        return None
    asked, away = _asked(name), False
    for provider, subject in asked:
        try:
            user = _by(provider, subject, name, password, at)
        except BindRefused:
            note_refusal(provider, Refusal.PASSWORD, _("The directory does not take the password."), said=name, at=at)
        except DirectoryFailed as error:
            note_refusal(provider, Refusal.UNREACHABLE, str(error), said=name, at=at)
            IdentityProvider.objects.filter(pk=provider.pk).update(last_error=str(error)[:300])
            away = True
        except SignUpRefused as refused:
            note_refusal(provider, refused.reason, refused.detail, said=name, at=at)
        else:
            if user is not None:
                return user, provider
    if away:
        raise Unavailable(_("Your company's directory cannot be asked at the moment. Try again in a minute."))
    return None


def _asked(name: str) -> list[tuple[IdentityProvider, str]]:
    """Which directories to ask, and by what each knows the account of this name; "" where it has none."""
    standing = IdentityProvider.objects.standing().filter(protocol=Protocol.LDAP).order_by("pk")
    account = User.objects.filter(username__iexact=name).first()
    if account is None:
        return [(one, "") for one in standing[:_MOST_DIRECTORIES]]
    if not account.is_active or not account.is_human:
        return []
    known = ExternalIdentity.objects.filter(user=account, provider__in=standing, ended_at=None)
    return [(one.provider, one.subject) for one in known.select_related("provider").order_by("provider")]


def _by(provider: IdentityProvider, subject: str, name: str, password: str, at: datetime) -> User | None:
    """Raises BindRefused, DirectoryFailed, SignUpRefused."""
    directory, deadline = directory_of(provider.configuration), time.monotonic() + SECONDS
    with reading(directory, deadline=deadline) as talk:
        person = people.known_as(talk, directory, subject, at) if subject else people.called(talk, directory, name, at)
        if person is None or person.disabled:
            return None
        bind(directory, person.dn, password, deadline=deadline)
        there = groups.groups_of(talk, directory, person)
    return _known(provider, directory, person, there, at)


def _known(
    provider: IdentityProvider, directory: Directory, person: Person, there: tuple[str, ...], at: datetime
) -> User:
    return provision(provider, identified(provider, directory, person, there), at=at)
