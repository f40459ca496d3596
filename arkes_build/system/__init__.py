"""The os command of an installed system."""
