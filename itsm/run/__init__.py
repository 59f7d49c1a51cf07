"""The launcher behind `make run` and `make test`: servers, children, ports, a clean stop.

It promises that one command on a fresh machine ends in an open service desk,
and that nothing it started outlives it unnoticed.
"""
