"""Which people were met: a bit for each, so that a million of them take an eighth of a megabyte."""


class Marks:
    """A set of primary keys that only grows. ``bytes(marks)`` is what ``Marks(...)`` goes on from."""

    __slots__ = ("_bits",)

    def __init__(self, bits: bytes = b"") -> None:
        self._bits = bytearray(bits)

    def add(self, key: int) -> None:
        """Mark ``key``, 0 or more."""
        place = key >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1024 - len(self._bits)))
        self._bits[place] |= 1 << (key & 7)

    def __contains__(self, key: int) -> bool:
        place = key >> 3
        return place < len(self._bits) and bool(self._bits[place] & 1 << (key & 7))

    def __bytes__(self) -> bytes:
        return bytes(self._bits)
