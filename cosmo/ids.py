"""Identifiers and secrets: sortable ids for rows, random tokens for people."""

import secrets
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id() -> str:
    """A 26-character id, sortable by creation time (ULID layout: 48 bits of milliseconds, 80 random bits)."""
    number = (time.time_ns() // 1_000_000 << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def new_token() -> str:
    """A URL-safe secret of 192 random bits, for tracking links, sessions and API keys."""
    return secrets.token_urlsafe(24)
