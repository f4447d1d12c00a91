"""Fetch the peers, from the registries only: python -m benchmarks.cards.setup.

Needs npm, and Chromium from the system (`apt-get install chromium`, done here when this is root on Debian). All else
goes to benchmarks/.peers, which git does not see and which may be deleted. `--assets` makes only the drafts and fonts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.cards import drafts
from benchmarks.cards.drafts import PEERS

PYTHON = ("skia-python==144.1", "playwright==1.65.2")
NODE = ("satori@0.63.2", "@resvg/resvg-js@2.6.2", "@takumi-rs/core@2.16.3", "sharp@0.35.5")


def main() -> None:
    PEERS.mkdir(exist_ok=True)
    (PEERS / ".gitignore").write_text("*\n")
    print(f"{drafts.make()} drafts, the fonts and the logo: {PEERS}")
    if "--assets" in sys.argv:
        return
    venv.create(PEERS / "venv", clear=True, symlinks=True, with_pip=True)
    _run(str(PEERS / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", *PYTHON)
    if shutil.which("npm") is None:
        raise SystemExit("npm is not here: install Node.js 20 or later for takumi and satori, then run this again.")
    (PEERS / "package.json").write_text('{"private": true}\n')
    _run("npm", "install", "--no-fund", "--no-audit", "--save-exact", *NODE)
    _chromium()


def _chromium() -> None:
    if shutil.which("chromium"):
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        _run("apt-get", "update")
        _run("apt-get", "install", "--yes", "--no-install-recommends", "chromium")
        return
    print("Chromium is not here: `apt-get install chromium` as root, or set CHROMIUM to the browser's path.")


def _run(*command: str) -> None:
    print(" ".join(command))
    subprocess.run(command, cwd=Path(PEERS), check=True)


if __name__ == "__main__":
    main()
