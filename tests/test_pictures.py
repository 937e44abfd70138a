"""The pictures of the README are those that the command takes, and small."""

from __future__ import annotations

import re

import cv2
import numpy as np

from tests.documents import ROOT, text_of
from tests.pictures.palette import COLOURS, small
from tests.pictures.scenes import SCENES


def test_the_readme_shows_the_pictures_that_are_taken_and_no_others() -> None:
    taken = [scene.file for scene in SCENES]
    assert len(set(taken)) == len(taken)
    assert re.findall(r"\]\(docs/pictures/([^)]+)\)", text_of("README.md")) == taken
    assert {path.name for path in (ROOT / "docs/pictures").iterdir()} == set(taken)


def picture(pixels: np.ndarray) -> bytes:
    """Return a PNG of blue, green and red."""
    return bytes(cv2.imencode(".png", pixels)[1])


def seen(png: bytes) -> np.ndarray:
    """Return blue, green and red of a PNG."""
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR))


def test_a_picture_of_few_colours_stays_as_it_is() -> None:
    pixels = np.zeros((3, 5, 3), np.uint8)
    pixels[1, 2], pixels[2, 4] = (10, 20, 250), (255, 0, 7)
    assert (seen(small(picture(pixels))) == pixels).all()


def test_a_picture_of_many_colours_has_the_nearest_of_the_commonest() -> None:
    shades = np.arange(64 * 64, dtype=np.uint32)
    pixels = np.stack([shades % 256, shades // 16, shades % 7], axis=1).reshape(64, 64, 3).astype(np.uint8)
    found = seen(small(picture(pixels)))
    assert len(np.unique(found.reshape(-1, 3), axis=0)) <= COLOURS
    assert (found[0, 0] == pixels[0, 0]).all()
