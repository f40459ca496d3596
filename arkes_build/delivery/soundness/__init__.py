"""Look whether a repository is whole, and make it whole again."""
