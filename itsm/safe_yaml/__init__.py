"""YAML and JSON that strangers wrote, as plain values: within bounds, without tags, keys twice or guessed dates."""
