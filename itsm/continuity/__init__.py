"""Continuity: which backup was taken when, which one was restored on trial, what an administrator should mend."""
