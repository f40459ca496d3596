"""What the os command does: facts of a running system, and actions on it."""
