"""Allowances: what a software agent, or a team, may draw of a service's headroom without asking people."""
