"""Make a freshly written disk this machine's own, once."""
