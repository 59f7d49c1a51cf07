"""Continual improvement: ideas with benefit and effort, an owner, and a measure before and after."""
