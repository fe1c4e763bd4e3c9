"""Headless Chromium for tests of pages, which are skipped on machines without it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

requires_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed on this machine")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that plays audio without a click."""
    with sync_playwright() as driver:
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@contextmanager
def narrow_page(
    browser: Browser, allowed: tuple[str, ...], timeout: float = 30_000, *, console: bool = True
) -> Iterator[Page]:
    """A page as wide as a telephone; errors, and requests to other addresses, fail the test at the end.

    Args:
        browser: by `chromium`.
        allowed: beginnings of the addresses that it may request.
        timeout: of every action, milliseconds.
        console: true if messages on its console fail the test, too.
    """
    problems: list[str] = []
    context = browser.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(timeout)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda each: None if each.url.startswith(allowed) else problems.append(each.url))
    if console:
        page.on("console", lambda message: problems.append(message.text))
    yield page
    context.close()
    assert problems == []
