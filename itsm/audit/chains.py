"""How many chains there are: what is needed before any model can be."""

CHAINS = 16
