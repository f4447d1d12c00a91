"""What a layout is made of: the measures of a card, and blocks of lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler.cards.lettering import Style, draw, rise, shape

if TYPE_CHECKING:
    from PIL import Image


@dataclass(frozen=True, slots=True)
class Frame:
    """The measures of one size of card, in pixels."""

    width: int
    height: int
    margin: int
    small: float  # sizes of type: the name and the source
    figure: tuple[float, float]  # least and most
    sentence: tuple[float, float]
    bar: int

    @property
    def inner(self) -> int:
        """The width between the margins."""
        return self.width - 2 * self.margin


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one style and size: `top` is where their first capitals begin."""

    lines: tuple[str, ...]
    style: Style
    size: float
    leading: float

    @property
    def height(self) -> float:
        """From the top of the first capitals to the last baseline."""
        return self.size * (rise(self.style) + (len(self.lines) - 1) * self.leading) if self.lines else 0.0


def lay(picture: Image.Image, block: Block, at: tuple[float, float], ink: str) -> None:
    """Draw a block with its top left corner `at`; its ink, not the white beside it, stands on the margin."""
    baseline = at[1] + rise(block.style) * block.size
    for text in block.lines:
        line = shape(text, block.style)
        draw(picture, line, block.style, block.size, (at[0] - line.bearing * block.size, baseline), ink=ink)
        baseline += block.size * block.leading
