"""Serve editors: the language server protocol over the same parts as the command line."""
