"""The desk, the probes, the demo: what belongs to the whole house."""
