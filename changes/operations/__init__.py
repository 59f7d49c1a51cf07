"""Every write to changes: asking the gate, deciding, authorising, deploying."""
