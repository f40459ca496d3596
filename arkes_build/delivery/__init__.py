"""Bring releases to machines: static deltas, a repository to serve, what is kept, what is whole."""
