"""A picture as SVG 1.1."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from router.simulation.drawing import Box, Picture, Shape, Stroke


def svg(picture: Picture) -> bytes:
    """The file."""
    size = f'width="{picture.width}" height="{picture.height}" viewBox="0 0 {picture.width} {picture.height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *map(_element, picture.shapes),
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _element(shape: Shape) -> str:
    colour = quoteattr(shape.colour)
    if isinstance(shape, Stroke):
        points = " ".join(f"{x:.2f},{y:.2f}" for x, y in shape.points)
        return f'<polyline points="{points}" fill="none" stroke={colour} stroke-width="{shape.width:g}"/>'
    if isinstance(shape, Box):
        place = f'x="{shape.left:.2f}" y="{shape.top:.2f}"'
        return f'<rect {place} width="{shape.width:.2f}" height="{shape.height:.2f}" fill={colour}/>'
    place = f'x="{shape.left:.2f}" y="{shape.base:.2f}" font-size="{shape.size:g}"'
    return f'<text {place} text-anchor="{shape.anchor}" fill={colour}>{escape(shape.text)}</text>'
