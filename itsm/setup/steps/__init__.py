"""The pages of the steps: each shows what there is, takes one thing more, and takes back what was only tried."""

SHOWN = 8  # of the newest
