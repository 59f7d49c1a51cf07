"""The yardstick: what the machine can do at most through Django REST framework, measured in the same run.

One row and one row of history in one transaction, behind the product's web server, middleware and sign-in; nothing of
the gate. Speeds are told as shares of it: machines differ, the ratio does not.
"""
