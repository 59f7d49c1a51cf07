"""Deployments as they are told, matched and reconciled."""
