"""What the page of one objective shows: `sheet` gathers it, each part of the page has a file of its own."""
