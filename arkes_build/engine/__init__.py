"""Build images with a container engine."""
