"""The front for people: `arkes-build`; thin."""
