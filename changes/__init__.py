"""What we alter: changes, the gate that answers for them, authorisations, deployments."""
