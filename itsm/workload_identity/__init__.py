"""Workload identity: a pipeline shows who it is by a token of its platform (OIDC), and keeps no secret of ours."""
