#!/usr/bin/env python3
"""Takes a picture of a page as a reader on a wide screen sees it, whole, in the light theme.
Not here: tests. In: a page of any report. Out: a PNG, twice as fine as the screen, for documents.
"""

import sys
from pathlib import Path

from chromium import Browser

if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: picture.py page.html picture.png [selector of a part]")
    browser = Browser()
    try:
        browser.open(Path(sys.argv[1]).resolve(), scale=2)
        browser.picture(Path(sys.argv[2]), *sys.argv[3:])
    finally:
        browser.close()
