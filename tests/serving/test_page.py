"""The page in a browser: choose a song, translate it, listen, switch, download."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from pipelines.serving.server_process import ServerProcess
from tests.browsers import chromium, narrow_page, requires_chromium
from tests.inference import tiny
from tests.serving.songs import decoded, encoded, form
from tests.stems.songs import accompaniment, voice

SECONDS = 120_000

pytestmark = requires_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=SECONDS)
    with chromium() as found:
        yield found


@pytest.fixture
def page(browser: Browser, server: ServerProcess) -> Iterator[Page]:
    """The page; requests to other hosts and errors in it fail the test."""
    # A refused upload is a message on the console, and no error of the page.
    with narrow_page(browser, (server.url, "blob:", "data:"), SECONDS, console=False) as found:
        found.goto(server.url)
        yield found


def choose(page: Page, song: bytes, name: str = "my song.wav") -> None:
    page.set_input_files("#file", {"name": name, "mimeType": "audio/wav", "buffer": song})


def test_from_a_song_to_its_cover(page: Page):
    song = tiny.song(16.0)
    choose(page, encoded(song))
    expect(page.locator("#chosen")).to_have_text("my song.wav")
    page.click("#start")
    expect(page.locator("#status")).to_contain_text("Translating")
    expect(page.locator("#download")).to_be_visible(timeout=SECONDS)
    expect(page.locator("#progress")).to_be_hidden()

    with page.expect_download() as download:
        page.click("#download")
    assert download.value.suggested_filename == "my song (tiny).wav"
    cover = decoded(Path(download.value.path()).read_bytes())
    assert cover.shape == song.shape
    assert np.abs(cover).max() > 0.05

    for side in ("source", "cover"):
        drawn = page.evaluate(
            "id => { const c = document.getElementById(id);"
            " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            " return new Set(d.filter((_, i) => i % 4 === 0)).size; }",
            side,
        )
        assert drawn > 20
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_listening_with_the_keyboard(page: Page):
    choose(page, encoded(tiny.song(8.0)))
    page.focus("#start")
    page.keyboard.press("Enter")
    expect(page.locator("#download")).to_be_visible(timeout=SECONDS)
    page.locator("body").click(position={"x": 2, "y": 2})
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Pause")
    expect(page.locator("#clock")).to_have_text("0:01 / 0:08")
    page.keyboard.press("s")
    expect(page.locator("input[value=source]")).to_be_checked()
    expect(page.locator(".picture.audible")).to_have_attribute("data-side", "source")
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Play")
    stopped = float(page.input_value("#seek"))
    assert 1.0 <= stopped < 8.0
    page.keyboard.press("ArrowLeft")
    assert float(page.input_value("#seek")) == 0.0
    page.focus("#seek")
    page.keyboard.press("ArrowRight")
    assert float(page.input_value("#seek")) > 0.0


SINGER = 0.3 * voice(2.0)
SONG = encoded(0.3 * accompaniment(2.0) + SINGER)


def choose_stem(page: Page, stem: np.ndarray, name: str) -> None:
    page.set_input_files("#stem", {"name": name, "mimeType": "audio/wav", "buffer": encoded(stem)})


def test_a_stem_with_the_keyboard(page: Page, server: ServerProcess):
    choose(page, SONG)
    expect(page.locator("#singer")).to_be_hidden()
    choose_stem(page, SINGER, "singer.wav")
    expect(page.locator("#stem_chosen")).to_have_text("Stem: singer.wav")
    page.focus("#stem")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "vocals"
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[value=instrumental]")).to_be_checked()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#level")).to_have_text("+3 dB")
    expect(page.locator("#vocals_level")).to_have_attribute("aria-valuetext", "+3 dB")
    page.focus("#start")
    page.keyboard.press("Enter")
    expect(page.locator("#download")).to_be_visible(timeout=SECONDS)
    with page.expect_download() as download:
        page.click("#download")
    query = "/v1/translate?closeness=0.5&vocals_level=3"
    expected = server.call(query, *form({"song": SONG, "vocals": encoded(SINGER)}))
    assert (200, Path(download.value.path()).read_bytes()) == expected
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.focus("#remove")
    page.keyboard.press("Enter")
    expect(page.locator("#stem_chosen")).to_have_text("Singer's stem (optional)")
    expect(page.locator("#singer")).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "stem"
    page.click("#start")
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("#download")).to_be_visible(timeout=SECONDS)
    with page.expect_download() as download:
        page.click("#download")
    assert Path(download.value.path()).read_bytes() == server.call("/v1/translate", SONG)[1]


def test_dropped_files_are_the_song_or_the_stem(page: Page):
    drop = """([id, name]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["samples"], name));
        const options = { dataTransfer, bubbles: true, cancelable: true };
        document.querySelector(id).dispatchEvent(new DragEvent("dragover", options));
        const over = [...document.querySelectorAll(".over")].map((each) => each.id);
        document.querySelector(id).dispatchEvent(new DragEvent("drop", options));
        return over;
    }"""
    assert page.evaluate(drop, ["#stem_drop strong", "mine.instrumental.wav"]) == ["stem_drop"]
    expect(page.locator("#stem_chosen")).to_have_text("Stem: mine.instrumental.wav")
    expect(page.locator("input[value=instrumental]")).to_be_checked()
    for id in ("h1", "#drop"):
        assert page.evaluate(drop, [id, "mine.wav"]) == ["drop"]
        expect(page.locator("#chosen")).to_have_text("mine.wav")
    expect(page.locator(".over")).to_have_count(0)


def test_errors_of_a_stem_are_shown(page: Page):
    choose(page, SONG)
    choose_stem(page, voice(2.0, seed=9), "other.wav")
    page.click("#start")
    expect(page.locator("#problem")).to_contain_text("The vocals stem is no part of the song")
    page.click("#remove")
    expect(page.locator("#problem")).to_be_hidden()


def test_errors_are_shown(page: Page):
    page.click("#start")
    expect(page.locator("#problem")).to_have_text("Choose a song first.")
    choose(page, b"these are words", "words.mp3")
    expect(page.locator("#problem")).to_be_hidden()
    page.click("#start")
    expect(page.locator("#problem")).to_contain_text("is not a readable audio file")
    expect(page.locator("#start")).to_be_enabled()
