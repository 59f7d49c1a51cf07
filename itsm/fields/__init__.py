"""Typed fields that an administrator adds to records in the browser: incidents now, other types as they come."""
