"""Which incidents wake whom: routes to escalation policies, and escalations bound to the life of their incident."""
