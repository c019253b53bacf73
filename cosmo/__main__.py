"""`python3 -m cosmo ...`: the first start makes `.venv` and fills it from the lock, later ones only check."""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 7):  # noqa: UP036  (could not even read the next import)
        sys.exit("cosmo: Cosmo needs Python 3.11 or newer; this is Python %s." % sys.version.split()[0])  # noqa: UP031
    from cosmo import bootstrap

    bootstrap.ensure(sys.argv[1:])
    from cosmo.cli import main

    sys.exit(main())
