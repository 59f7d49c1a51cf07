"""The quiet of a change: planned as it is approved, active while it is at work, lifted as it ends."""
