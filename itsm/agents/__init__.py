"""The agents' door: software agents of people read, ask the gate and propose here; nothing is decided here.

"Agent" alone means one of these; who answers the telephone is a service-desk agent (`Role.AGENT`).
"""
