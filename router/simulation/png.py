"""A picture as PNG. Pillow draws it, and is loaded only when somebody asks for one."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from router.simulation.drawing import Box, Picture, Shape, Stroke

FINE = 2
"""Points per unit of the picture."""
_ANCHORS = {"start": "ls", "middle": "ms", "end": "rs"}


def png(picture: Picture) -> bytes:
    """The file."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (picture.width * FINE, picture.height * FINE), "#ffffff")
    draw = ImageDraw.Draw(image)
    for shape in picture.shapes:
        _draw(draw, shape, ImageFont)
    found = BytesIO()
    image.save(found, "PNG")
    return found.getvalue()


def _draw(draw: Any, shape: Shape, fonts: Any) -> None:
    if isinstance(shape, Stroke):
        points = [(x * FINE, y * FINE) for x, y in shape.points]
        draw.line(points, fill=shape.colour, width=max(1, round(shape.width * FINE)), joint="curve")
    elif isinstance(shape, Box):
        right, bottom = shape.left + max(shape.width, 0.5), shape.top + max(shape.height, 0.5)
        draw.rectangle((shape.left * FINE, shape.top * FINE, right * FINE, bottom * FINE), fill=shape.colour)
    else:
        font = fonts.load_default(shape.size * FINE)
        place = (shape.left * FINE, shape.base * FINE)
        draw.text(place, shape.text, fill=shape.colour, font=font, anchor=_ANCHORS[shape.anchor])
