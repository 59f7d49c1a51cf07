"""A directory as it is set up: where it is, how it calls things, and what is asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

LDAPS, STARTTLS, CLEAR = "ldaps", "starttls", "none"
OPENLDAP, ACTIVE_DIRECTORY = "openldap", "active_directory"

# What differs by make, filled in where the form leaves it empty.
PRESETS: Mapping[str, Mapping[str, str]] = {
    OPENLDAP: {
        "people_filter": "(objectClass=inetOrgPerson)",
        "disabled_filter": "(|(nsAccountLock=TRUE)(pwdAccountLockedTime=000001010000Z))",
        "subject_attribute": "entryUUID",
        "login_attribute": "uid",
        "name_attribute": "displayName",
        "mail_attribute": "mail",
        "group_filter": "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))",
        "member_attribute": "member",
        "changed_attribute": "modifyTimestamp",
    },
    ACTIVE_DIRECTORY: {
        "people_filter": "(&(objectCategory=person)(objectClass=user))",
        "disabled_filter": "(userAccountControl:1.2.840.113556.1.4.803:=2)",
        "subject_attribute": "objectGUID",
        "login_attribute": "sAMAccountName",
        "name_attribute": "displayName",
        "mail_attribute": "mail",
        "group_filter": "(objectClass=group)",
        "member_attribute": "member",
        "changed_attribute": "whenChanged",
    },
}


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory. Secrets stand here by name: `credential` (the password of `bind_dn`), `authority` (a private CA).

    `tls`: "ldaps", "starttls", or "none", which goes to this machine alone. `people_filter`, `disabled_filter`: LDAP
    filters (RFC 4515), for whom people are and who of them may not come in. `subject_attribute`: what names somebody
    for ever; `login_attribute`: what they type. `believes_addresses`: mail addresses are kept by who keeps the
    directory, and count as verified. `makes_accounts`: the sync makes them of all whom the policy lets in,
    else who signs in gets one. `minutes`: how often it is synced. `most_leaving`: percent of the people known
    here whom one sync may take the account from, without asking anybody.
    """

    host: str
    port: int
    base_dn: str
    tls: str = LDAPS
    make: str = OPENLDAP
    bind_dn: str = ""
    credential: str = ""
    authority: str = ""
    people_filter: str = ""
    disabled_filter: str = ""
    subject_attribute: str = ""
    login_attribute: str = ""
    name_attribute: str = ""
    mail_attribute: str = ""
    group_base: str = ""
    group_filter: str = ""
    member_attribute: str = ""
    changed_attribute: str = ""
    believes_addresses: bool = False
    makes_accounts: bool = False
    minutes: int = 2
    most_leaving: int = 10

    def __post_init__(self) -> None:
        for name, value in PRESETS[self.make].items():
            if not getattr(self, name):
                object.__setattr__(self, name, value)
        if not self.group_base:
            object.__setattr__(self, "group_base", self.base_dn)

    @property
    def people_attributes(self) -> list[str]:
        """What is asked of each of them. accountExpires: Active Directory has no filter of now."""
        asked = [
            self.subject_attribute, self.login_attribute, self.name_attribute, self.mail_attribute,
            self.changed_attribute,
        ]  # fmt: skip
        return list(dict.fromkeys([*asked, "accountExpires"] if self.make == ACTIVE_DIRECTORY else asked))

    @property
    def brief_attributes(self) -> list[str]:
        """What says who somebody is, and whether they may come in."""
        left_out = {self.name_attribute, self.mail_attribute, self.changed_attribute} - {
            self.subject_attribute, self.login_attribute,
        }  # fmt: skip
        return [one for one in self.people_attributes if one not in left_out]


NAMES = tuple(one.name for one in fields(Directory))


def directory_of(configuration: Mapping[str, Any]) -> Directory:
    """As it is kept. Raises nothing of what `checking.checked` let through."""
    return Directory(**{name: configuration[name] for name in NAMES if name in configuration})
