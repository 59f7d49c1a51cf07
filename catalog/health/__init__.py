"""How far the catalog can be believed: what is wrong with items, how that goes, and asking people to confirm them."""
