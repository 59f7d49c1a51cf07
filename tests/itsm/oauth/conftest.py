from tests.itsm.agents.conftest import connected, text_of

__all__ = ["connected", "text_of"]
