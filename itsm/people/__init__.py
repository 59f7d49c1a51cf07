"""The doors to people, teams and one's own account: pages and REST. What they do is in `itsm.accounts`."""
