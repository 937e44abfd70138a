"""Makes screenshots small: a palette of 256 colours is enough for a page, and takes a third of the bytes."""

from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np

COLOURS = 256
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def small(png: bytes) -> bytes:
    """Return the picture `png` with its commonest colours, each of the others as the nearest of them.

    https://www.w3.org/TR/png-3/#11PLTE
    """
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    height, width = image.shape[:2]
    pixels = image[:, :, ::-1].reshape(-1, 3)  # from blue, green, red
    found, of_pixel, counts = np.unique(pixels, axis=0, return_inverse=True, return_counts=True)
    palette = found[np.argsort(-counts)[:COLOURS]]
    apart = found[:, None, :].astype(int) - palette[None, :, :].astype(int)
    nearest = (apart**2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    indices = nearest[of_pixel.reshape(-1)].reshape(height, width)
    # Each line begins with its filter: 0, for none.
    lines = np.hstack([np.zeros((height, 1), np.uint8), indices]).tobytes()
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette.tobytes()), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(kind, data) for kind, data in chunks)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one part of a PNG file. https://www.w3.org/TR/png-3/#5Chunk-layout"""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
