"""What a serving process writes to its log."""

import logging

TALKATIVE = ("alembic", "pika")
"""They note every step of a connection; only their warnings matter here."""


def begin_logging() -> None:
    """From INFO on, to standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
