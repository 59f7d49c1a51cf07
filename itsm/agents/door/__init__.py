"""`POST /mcp`: the Model Context Protocol, stateless. One message in, one JSON answer out; nothing is kept in between.

Source: revision 2026-07-28 of the protocol (each request says who asks and in which revision), and the revisions with
a handshake before it, whose `initialize` is answered without a session. Shapes of messages are those of `mcp_types`.
"""
