"""What a Python worker speaks: one JSON command a line in, one JSON answer out.

{"op": "raster" | "png" | "jpeg", "ids": [0, 1]}             → {"ms": [each card's], "bytes": [each file's]}
{"op": "save", "id": 0, "format": "png", "path": "a.png"}    → {}
{"op": "quit"}

It imports nothing but the standard library: it also runs in the peers' own environment.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parents[1]
PEERS = HERE.parent / ".peers"
LOGO = PEERS / "images" / "logo.png"
QUALITY = 90  # of a JPEG

Draft = dict[str, Any]
Picture = TypeVar("Picture")

DESIGN: dict[str, Any] = json.loads((HERE / "design.json").read_text())
DRAFTS: list[Draft] = json.loads((PEERS / "drafts.json").read_text())


def font(weight: int) -> str:
    """The path of Inter at one weight."""
    return str(PEERS / f"Inter-{weight}.ttf")


def serve(raster: Callable[[Draft], Picture], encode: Callable[[Picture, str], bytes]) -> None:
    """Answer until told to quit. `raster` draws a draft; `encode` makes "png" or "jpeg" of what it returned."""
    for line in sys.stdin:
        asked = json.loads(line)
        if asked["op"] == "quit":
            return
        answer: dict[str, Any] = {"ms": [], "bytes": []}
        if asked["op"] == "save":
            Path(asked["path"]).write_bytes(encode(raster(DRAFTS[asked["id"]]), asked["format"]))
        for number in asked.get("ids", ()):
            began = time.perf_counter()
            picture = raster(DRAFTS[number])
            packed = b"" if asked["op"] == "raster" else encode(picture, asked["op"])
            answer["ms"].append((time.perf_counter() - began) * 1000)
            answer["bytes"].append(len(packed))
        print(json.dumps(answer), flush=True)
