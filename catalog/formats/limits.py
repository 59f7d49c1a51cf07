"""How much of a file is taken: more is refused before it costs anything."""

from itsm.safe_yaml.trees import Bounds

# YAML and JSON. A page of a thousand devices of NetBox is some three megabytes; several files may be given.
STRUCTURED = Bounds(
    largest=10_000_000, deepest=32, most_nodes=200_000, most_anchors=2_000, most_in_json=1_000_000
)  # fmt: skip
MOST_DOCUMENTS = 10_000  # of one file
MOST_FILES = 2_000  # a fact cache has one for each host
LARGEST_TABLE = 50_000_000  # bytes of CSV
MOST_ROWS = 200_000
MOST_COLUMNS = 200
LONGEST_CELL = 20_000
LONGEST_NAME = 200
LONGEST_TEXT = 500
MOST_LABELS = 200  # values of one attribute
