"""What our cards cost, over the project's own January: python -m benchmarks.cards.own month|sizes|layouts|profile."""

from __future__ import annotations

import argparse
import cProfile
import io
import itertools
import pstats
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image as Picture
from PIL import ImageChops

from benchmarks.cards.engines import peak_mib
from benchmarks.common import copy_of_project, median, out, scratch
from scheduler import cards, compose, drafts, facts, folder, pictures
from scheduler.cards.encoding import encode
from scheduler.config import load
from scheduler.model import CARD_SIZES, Card, Count, Image, Limits

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
LEDGER = "posts/facts.toml"
PROFILED = 15  # functions shown
ALL = "all five"


def main() -> None:
    cells: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
        "month": _month,
        "sizes": _sizes,
        "layouts": _layouts,
        "profile": _profile,
    }
    parser = argparse.ArgumentParser()
    parser.add_argument("cell", choices=list(cells))
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--format", default="png")
    args = parser.parse_args()
    out(**cells[args.cell](args))


def january() -> list[Card]:
    """A card of each draft, as the program itself composes it."""
    config, problems = load(ROOT)
    if config is None:
        raise SystemExit("\n".join(map(str, problems)))
    ledger, _ = facts.parse((ROOT / LEDGER).read_text(encoding="utf-8"), LEDGER)
    made = []
    for path in folder.paths(ROOT):
        source = path.read_text(encoding="utf-8")
        post, found = drafts.parse(source, path.name, ledger=ledger, accounts=config.accounts, campaign=config.campaign)
        if post is None:
            raise SystemExit("\n".join(map(str, found)))
        cited = [ledger[number] for number in post.facts]
        made.append(compose.card_for(post, cited, config.campaign, Limits(1000, Count.GRAPHEMES)))
    return made


def _month(args: argparse.Namespace) -> dict[str, Any]:
    """Each card of the month in each size, drawn and kept post by post as `campaign render` does."""
    pictures.HANDS = args.workers
    posts = _five_sizes(args.format)
    with scratch() as root:
        copy_of_project(root)
        cpu, began = time.process_time(), time.perf_counter()
        done = list(itertools.chain.from_iterable(pictures.render(post, root).values() for post in posts))
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    kept = [image for image in done if isinstance(image, Image)]
    return {
        "cards": len(kept),
        "wall_s": round(wall, 3),
        "cpu_s": round(cpu, 3),
        "ms_a_card": round(wall / len(kept) * 1000, 1),
        "peak_mib": round(peak_mib(), 1),
        "mb_in_all": round(sum(image.size for image in kept) / 1e6, 1),
    }


def _sizes(args: argparse.Namespace) -> dict[str, Any]:
    """The five sizes of one post, each post once: picture and file, without the disk.

    One after the other, and then all five together, one hand drawing while another packs, as the program does.
    """
    posts = _five_sizes(args.format)
    _warm(posts[0])
    took: dict[str, list[float]] = {name: [] for name in (*CARD_SIZES, ALL)}
    kilobytes: dict[str, list[float]] = {name: [] for name in took}
    for post in posts:
        for name, card in zip(CARD_SIZES, post, strict=True):
            began = time.perf_counter()
            packed = encode(cards.picture(card, ROOT), card)
            took[name].append((time.perf_counter() - began) * 1000)
            kilobytes[name].append(len(packed) / 1000)
        kilobytes[ALL].append(sum(kilobytes[name][-1] for name in CARD_SIZES))
    with ThreadPoolExecutor(pictures.HANDS) as pool:
        for post in _five_sizes(args.format):
            fresh = [replace(card, text=f"{card.text} ") for card in post]
            began = time.perf_counter()
            list(pool.map(lambda card: encode(cards.picture(card, ROOT), card), fresh))
            took[ALL].append((time.perf_counter() - began) * 1000)
    return {
        name: {
            "ms": round(median(took[name]), 1),
            "most_ms": round(max(took[name]), 1),
            "kB": round(median(kilobytes[name])),
        }
        for name in took
    }


def _layouts(args: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds of drawing and of packing by layout, over January in all sizes; and whether each file is exact."""
    posts = _five_sizes(args.format)
    _warm(posts[0])
    drawn: dict[str, list[float]] = {}
    packed: dict[str, list[float]] = {}
    for card in itertools.chain.from_iterable(posts):
        began = time.perf_counter()
        made = cards.picture(card, ROOT)
        middle = time.perf_counter()
        data = encode(made, card)
        drawn.setdefault(card.layout, []).append((middle - began) * 1000)
        packed.setdefault(card.layout, []).append((time.perf_counter() - middle) * 1000)
        _check(made, data, card)
    return {
        name: {
            "cards": len(drawn[name]),
            "raster_ms": round(median(drawn[name]), 2),
            "encode_ms": round(median(packed[name]), 2),
        }
        for name in sorted(drawn)
    }


def _check(made: Picture.Image, data: bytes, card: Card) -> None:
    """The file must decode to what Pillow's own file of the same picture decodes to."""
    plain = io.BytesIO()
    with Picture.open(io.BytesIO(data)) as ours:
        if card.format == "jpeg":
            made.save(plain, "JPEG", qtables=ours.quantization, subsampling=0)  # type: ignore[attr-defined]
        else:
            made.save(plain, "PNG", compress_level=1)
        with Picture.open(plain) as reference:
            if ours.mode != reference.mode or ImageChops.difference(ours, reference).getbbox():
                raise SystemExit(f"The file of this card does not decode to what was drawn: {card}")


def _profile(args: argparse.Namespace) -> dict[str, Any]:
    """Where the time of January in all sizes goes: functions by their own time."""
    posts = _five_sizes(args.format)
    profile = cProfile.Profile()
    profile.enable()
    for card in itertools.chain.from_iterable(posts):
        encode(cards.picture(card, ROOT), card)
    profile.disable()
    written = io.StringIO()
    pstats.Stats(profile, stream=written).sort_stats("tottime").print_stats(PROFILED)
    return {"text": written.getvalue().replace(f"{ROOT}/", "")}


def _five_sizes(file_format: str) -> list[list[Card]]:
    """By post, its card in each size."""
    return [
        [replace(card, format=file_format, width=width, height=height) for width, height in CARD_SIZES.values()]
        for card in january()
    ]


def _warm(post: list[Card]) -> None:
    """Draw what all cards of a size share, with other words than theirs."""
    for card in post:
        encode(cards.picture(replace(card, layout="stat", figure="7", text="Warm.", items=()), ROOT), card)


if __name__ == "__main__":
    main()
