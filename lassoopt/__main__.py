"""``python -m lassoopt``."""

import sys

from .cli.shell import main

if __name__ == "__main__":
    sys.exit(main())
