"""Mail that comes in and goes out: the teams' mailboxes, threads, what bounced, and what lies parked."""
