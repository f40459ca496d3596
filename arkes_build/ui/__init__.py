"""Show what happens: live on a terminal, plain lines in a pipe, JSON for programs."""
