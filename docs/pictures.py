"""Take the pictures of this documentation: the HTML report of a seed, in light, in the dark, on a phone, one label explained.

    python docs/pictures.py

Needs chromium and its driver (`make setup-browser`) and the packages of `make check`.
"""

import tempfile
import time
from pathlib import Path
from shutil import which

from selenium import webdriver
from selenium.webdriver.common.by import By

import classifier

DOCS = Path(__file__).parent
SEED = "seeds/phone.com-2019.txt"
# File name, CSS width and height, scale, dark or not, the clause at the top, whether its reasons are open.
PICTURES = [
    ("report.png", 1280, 720, 1, False, 5, False),
    ("report-dark.png", 1280, 640, 1, True, 10, False),
    ("report-phone.png", 390, 700, 1.5, False, 37, False),
    ("explanation.png", 1280, 670, 1, False, 37, True),
]


def main() -> None:
    """Write each picture into the folder of this file."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        page.write_text(classifier.load().tag(SEED).to_html(), encoding="utf-8")
        for name, width, height, scale, is_dark, clause, is_open in PICTURES:
            driver = _browser(folder)
            driver.execute_cdp_cmd(
                "Emulation.setDeviceMetricsOverride",
                {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500},
            )
            scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
            driver.get(page.as_uri())
            element = driver.find_element(By.CSS_SELECTOR, f".clause[id$='-{clause}']")
            driver.execute_script("arguments[0].querySelector('details').open = arguments[1]", element, is_open)
            driver.execute_script("arguments[0].scrollIntoView({behavior: 'instant'})", element)
            driver.execute_script("scrollBy({top: -80, behavior: 'instant'})")  # its heading
            time.sleep(1)  # a page on a phone is drawn after it has been scrolled
            driver.save_screenshot(str(DOCS / name))
            driver.quit()


def _browser(profile: str) -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    options.binary_location = which("chromium") or which("google-chrome") or ""
    for word in (
        "headless",
        "no-sandbox",
        "disable-gpu",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "hide-scrollbars",
        f"user-data-dir={profile}/profile",
    ):
        options.add_argument(f"--{word}")
    return webdriver.Chrome(options, webdriver.ChromeService(which("chromedriver")))


if __name__ == "__main__":
    main()
