"""A real Chromium for the tests of pages: the machine's own, or one unpacked below `.cache/servers` without root."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright
from servers import whole_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from playwright.sync_api import Browser

INSTALLED = ("chromium", "google-chrome")
"""What Debian calls it, and what hosted runners have."""

PACKAGES = ("chromium-headless-shell", "fonts-liberation", "fonts-dejavu-core")
"""The fonts are those that the page names, and one with the signs."""


@dataclass(frozen=True, slots=True)
class Chromium:
    """A program to start, and the environment that it needs."""

    program: Path | str
    environment: Mapping[str, str]


def find_chromium(path: str | None = None) -> Chromium:
    """Find a Chromium in the folders of `path`, by default those of the machine; else fetch one."""
    installed = next(filter(None, (shutil.which(name, path=path) for name in INSTALLED)), None)
    return Chromium(installed, os.environ) if installed else _unpacked()


def _unpacked() -> Chromium:
    """Debian's own without a window, which needs nothing of the machine but the C library."""
    root = whole_folder(*PACKAGES)
    libraries = sorted({str(one.parent) for one in root.glob("**/*-linux-gnu/**/*.so.*")})
    environment = {"LD_LIBRARY_PATH": os.pathsep.join(libraries), "FONTCONFIG_SYSROOT": str(root)}
    return Chromium(root / "usr/lib/chromium/chromium-headless-shell", os.environ | environment)


@contextmanager
def running(chromium: Chromium) -> Iterator[Browser]:
    """Start it, and close it in the end."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium.program, env=dict(chromium.environment))
        try:
            yield browser
        finally:
            browser.close()
