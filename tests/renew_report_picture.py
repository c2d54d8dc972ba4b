"""Take the picture of a report that docs/ai_ops/DAILY_REPORT_TEMPLATE.md shows, anew, and print what to say of it.

python tests/renew_report_picture.py [CHROMIUM]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from demo_morning import make_demo, make_morning

PICTURE = Path(__file__).parents[1] / "docs/ai_ops/pictures/daily_report.png"
WIDTH, SCALE = 1240, 0.8
"""A page as on a desk, small enough for a repository."""
LAST = "Promise"
"""The section below which the picture ends."""


def renew(page: Path, picture: Path, browser: str | None) -> None:
    """Show the top of the page as somebody with a light screen sees it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        shown = chromium.new_page(viewport={"width": WIDTH, "height": 1000}, device_scale_factor=SCALE)
        shown.goto(page.as_uri())
        end = shown.locator(f"section:has(:is(h2, h3):text-is('{LAST}'))").last.bounding_box()
        height = int(end["y"] + end["height"]) if end else 1000
        shown.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": WIDTH, "height": height})
        chromium.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        made = make_demo(Path(scratch) / "made")
        morning = make_morning(made, Path(scratch) / "morning")
        renew(morning.report.with_suffix(".html"), PICTURE, sys.argv[1] if len(sys.argv) > 1 else None)
        print(morning.text.partition("Health [")[0])  # noqa: T201  # what the words beside the picture must say
