"""What an import writes."""

from incidents.imports.operations.importing import Outcome, import_incidents

__all__ = ["Outcome", "import_incidents"]
