"""Scenarios of a machine's life, told to real virtual machines: see docs/scenarios.md."""
