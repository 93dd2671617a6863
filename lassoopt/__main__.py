"""``python -m lassoopt`` runs the command line."""

import sys

from .cli.shell import main

if __name__ == "__main__":
    sys.exit(main())
