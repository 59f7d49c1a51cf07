"""What models of standard changes saved and cost, which of them must stop, and which kinds of change could be one."""
