"""A small picture of a picture. Run as a program, in a process of its own with limits, since strangers made the file.

In: the path to read, the path to write. Ends with 1 where it is no picture, or one of more than 40 million pixels.
"""

import resource
import sys

from PIL import Image, ImageOps

from itsm.files.vocabulary import MAX_PIXELS

SIDE = 320
MEMORY = 1 << 30
CPU_SECONDS = 5
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


def draw(source: str, target: str) -> None:
    """Write the small picture (WebP, at most 320 pixels a side, no metadata). ValueError for too many pixels."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with Image.open(source, formats=FORMATS) as picture:
        if picture.width * picture.height > MAX_PIXELS:  # said in its head, before anything is unpacked
            raise ValueError("too many pixels")
        picture.draft("RGB", (SIDE, SIDE))  # a JPEG is unpacked small
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((SIDE, SIDE))
        has_holes = upright.mode in {"RGBA", "LA", "P", "PA"}
        upright.convert("RGBA" if has_holes else "RGB").save(target, "WEBP", quality=75, exif=b"", icc_profile=None)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    try:
        draw(*sys.argv[1:3])
    except Exception:
        sys.exit(1)
