"""`python3 -m cosmo ...`: the first start makes `.venv` and fills it from the lock, later ones only check."""

import sys

from cosmo import bootstrap

if __name__ == "__main__":
    bootstrap.ensure(sys.argv[1:])
    from cosmo.cli import main

    sys.exit(main())
