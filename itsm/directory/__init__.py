"""People from a directory: LDAP and Active Directory. Signing in by bind; a sync that lets leavers go in minutes."""
