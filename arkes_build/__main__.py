"""Run the command line as ``python -m arkes_build``."""

import sys

from arkes_build.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
