"""Compile a Systemfile into an operating system image."""

__version__ = "0.1.0"
