"""Disk images of a deployed system, made without mounting anything."""
