"""DORA's five measures of a service over time, from its deployments as they happened."""
