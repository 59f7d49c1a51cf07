"""Every write to on-call schedules."""
