"""Makes three variants of a photo with pyvips or Pillow, whichever a line of standard input names, and prints the milliseconds it took."""

import sys
import tempfile
import time

import pyvips
from PIL import Image, ImageOps

SIZES = (320, 800, 1600)
photo = sys.argv[1]


def with_pyvips(folder):
    for size in SIZES:
        image = pyvips.Image.thumbnail(photo, size, height=size, size="down")
        image.jpegsave(f"{folder}/{size}.jpg", Q=80, strip=True)


def with_pillow(folder):
    with Image.open(photo) as image:
        image.draft("RGB", (max(SIZES), max(SIZES)))
        image = ImageOps.exif_transpose(image)
        for size in sorted(SIZES, reverse=True):
            image.thumbnail((size, size), Image.Resampling.LANCZOS)
            image.save(f"{folder}/{size}.jpg", quality=80)


work = {"pyvips": with_pyvips, "pillow": with_pillow}
with tempfile.TemporaryDirectory() as folder:
    for line in sys.stdin:
        start = time.perf_counter()
        work[line.strip()](folder)
        print((time.perf_counter() - start) * 1000, flush=True)
