"""OpenSLO, Sloth and Pyrra files, in and out."""
