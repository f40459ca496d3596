"""Tests of a node: boot its disk image and look."""
