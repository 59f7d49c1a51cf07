"""What changes cost, for pages, REST, the gate and those above."""
