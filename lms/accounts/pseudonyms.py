"""The name under which a person appears above her centre."""

import secrets

# Crockford's base 32 without I, L, O and U: read aloud over a phone without confusion.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_pseudonym() -> str:
    """Eight random symbols in two groups: 40 bits, drawn without any link to the person."""
    drawn = secrets.randbits(40)
    symbols = "".join(ALPHABET[drawn >> place & 31] for place in range(0, 40, 5))
    return f"{symbols[:4]}-{symbols[4:]}"
