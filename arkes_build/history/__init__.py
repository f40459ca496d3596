"""Say what changed: compare trees, tell packages, lines and sizes apart, remember releases."""
