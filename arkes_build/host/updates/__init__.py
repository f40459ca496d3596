"""Releases that come to this machine: looked at, taken, and cleared away."""
