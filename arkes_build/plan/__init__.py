"""Decide what is to be done and say why; pure."""
