"""A test image."""

from PIL import Image, ImageDraw


def create_gradient(size: tuple[int, int]) -> Image.Image:
    """Return a vertical gradient with a diagonal line."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    ImageDraw.Draw(image).line([(0, 0), size], fill=(255, 3, 200))
    return image
