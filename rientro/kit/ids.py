"""Numbers and words that cannot be guessed, and numbers that sort by time."""

import hashlib
import os
import secrets
import time
import uuid

TOKEN_BYTES = 32
# No 0/O, 1/I/L, no vowels: nothing to misread, no word to stumble over.
CODE_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXYZ"


def new_token() -> str:
    """256 random bits as 43 URL-safe characters. Store only its ``token_hash``."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    """SHA-256 of a token: enough for 256 random bits, and too cheap to be a lever for overload."""
    return hashlib.sha256(token.encode()).digest()


def new_code(length: int = 8) -> str:
    """A short code that a person can type; 28 letters, so 8 of them hold 38 bits."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))


def uuid7() -> uuid.UUID:
    """A version 7 UUID (RFC 9562, section 5.7): milliseconds first, then 74 random bits."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp & (2**48 - 1)) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)
