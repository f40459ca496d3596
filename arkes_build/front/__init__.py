"""What both fronts, arkes-build and os, say in the same words."""
