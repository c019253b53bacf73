"""Serial Shipping Container Codes (GS1 General Specifications, AI 00): 17 digits and a check digit."""

EXTENSION = "3"
COMPANY_PREFIX = "4099999"
"""A prefix from the range GS1 Germany keeps for examples; a real plant sets its own."""


def check_digit(digits: str) -> int:
    """GS1 check digit: weights 3 and 1 from the right."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return -total % 10


def sscc(serial: int, prefix: str = COMPANY_PREFIX) -> str:
    """The 18-digit code of one unit; `serial` counts up per company prefix."""
    room = 16 - len(prefix)
    if not 0 <= serial < 10**room:
        raise ValueError(f"serial {serial} does not fit into {room} digits after the prefix {prefix}")
    digits = f"{EXTENSION}{prefix}{serial:0{room}d}"
    return f"{digits}{check_digit(digits)}"


def is_valid(code: str) -> bool:
    return len(code) == 18 and code.isdigit() and check_digit(code[:-1]) == int(code[-1])
