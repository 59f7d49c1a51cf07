"""The gate: one pure function decides how a change gets its authority.

Promise: nothing in this package touches a database, a clock, a network or Django. Import what you need from its
modules: `decide.decide` and `decide.fingerprint`; the shapes in `evidence`, `facts`, `policy`, `verdict`; JSON in
`canonical`; the default table in `policy_default`; sentences in `sentences`.
"""
