"""Headless Chromium by Playwright, browser and page warm: the card is HTML, and a screenshot its file.

What the browser draws cannot be told from what it encodes; its JPEG is 4:2:0.
"""

from __future__ import annotations

import html
import os
from typing import Any

from playwright.sync_api import sync_playwright  # type: ignore[import-not-found]

from benchmarks.cards.workers.protocol import DESIGN, LOGO, PEERS, QUALITY, Draft, font, serve

ARGUMENTS = (  # file: addresses may load file: fonts; no hinting, as the others
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--allow-file-access-from-files",
    "--font-render-hinting=none",
)
FACES = "".join(
    f"@font-face {{ font-family: Inter; font-weight: {weight}; src: url('file://{font(weight)}') }}\n"
    for weight in (400, 600, 700)
)


def main() -> None:
    blank = PEERS / "blank.html"
    blank.write_text("<!doctype html>")
    with sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": DESIGN["w"], "height": DESIGN["h"]})
        page.goto(f"file://{blank}")

        def screenshot(written: str, file_format: str) -> bytes:
            page.set_content(written, wait_until="load")
            page.evaluate("document.fonts.ready")
            quality = {"quality": QUALITY} if file_format == "jpeg" else {}
            return bytes(page.screenshot(type=file_format, **quality))

        serve(_page, screenshot)
        browser.close()


def _page(draft: Draft) -> str:
    panel, logo, statement, footer = (DESIGN[name] for name in ("panel", "logo", "statement", "footer"))
    inner = "".join(
        (
            _box(
                panel,
                panel["w"],
                panel["h"],
                f"border-radius: {panel['r']}px; background: rgba(255, 255, 255, {panel['alpha']})",
            ),
            f'<img src="file://{LOGO}" style="{_at(logo["x"], logo["y"])}; width: {logo["size"]}px">',
            _text(draft["number"], DESIGN["number"], DESIGN["number"]["y"]),
            _text(draft["statement"], {**statement, "size": draft["size"]}, statement["y"]),
            _text(draft["source"], DESIGN["source"], DESIGN["source"]["y"]),
            _box({"x": 0, "y": footer["y"]}, DESIGN["w"], footer["h"], f"background: {footer['bg']}"),
            _text(draft["footer"], footer, footer["y"] + (footer["h"] - footer["size"] * footer["lh"]) / 2),
        )
    )
    return f"""<!doctype html><html><head><meta charset="utf-8"><style>
{FACES}
* {{ margin: 0; padding: 0 }}
body {{ width: {DESIGN["w"]}px; height: {DESIGN["h"]}px; overflow: hidden; font-family: Inter;
  background: linear-gradient(135deg, {DESIGN["bg0"]}, {DESIGN["bg1"]}) }}
div, img {{ position: absolute }}
</style></head><body>{inner}</body></html>"""


def _at(left: float, top: float) -> str:
    return f"left: {left}px; top: {top}px"


def _box(slot: dict[str, Any], width: float, height: float, more: str) -> str:
    return f'<div style="{_at(slot["x"], slot["y"])}; width: {width}px; height: {height}px; {more}"></div>'


def _text(text: str, slot: dict[str, Any], top: float) -> str:
    room = f"width: {slot['w']}px" if "w" in slot else "white-space: nowrap"
    return (
        f'<div style="{_at(slot["x"], top)}; {room}; font-weight: {slot["weight"]}; font-size: {slot["size"]}px; '
        f'line-height: {slot["lh"]}; color: {slot["color"]}">{html.escape(text)}</div>'
    )


if __name__ == "__main__":
    main()
