"""Make the first root file system with a package family's own tool."""
