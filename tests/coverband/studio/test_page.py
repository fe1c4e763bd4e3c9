"""A new user in a browser: from two piles of songs to a cover, while server and training are killed."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from coverband.studio import process
from tests.browsers import chromium, narrow_page, requires_chromium
from tests.end_to_end import corpus

# The machine may have other work: a training of one step takes half a minute, or ten.
pytestmark = [requires_chromium, pytest.mark.slow, pytest.mark.timeout(1800)]

SECONDS = 600_000
TINY = [flag.replace("vaegan.", "") for flag in corpus.TINY]


class StudioProcess:
    """`coverband studio` in a process of its own, always on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._log = folder, folder.with_name("studio.log")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        line = [sys.executable, "-m", "coverband.commands.studio", "--folder", str(self.folder), "--noopen"]
        self._log.write_text("")
        with self._log.open("w") as log:
            self._process = subprocess.Popen([*line, "--port", str(self._port), *TINY], stderr=log)
        end = time.monotonic() + 60
        while self.url not in self._log.read_text():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < end
            time.sleep(0.1)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def kill_training(self) -> None:
        """Kills the newest task with all its processes."""
        task = max(self.folder.glob("tasks/*"))
        os.killpg(int((task / process.LOCK).read_text()), signal.SIGKILL)

    def close(self) -> None:
        for task in self.folder.glob("tasks/*"):
            if process.is_alive(task):
                os.killpg(int((task / process.LOCK).read_text()), signal.SIGKILL)
        self._process.terminate()
        assert self._process.wait(30) == 0
        assert "Traceback" not in self._log.read_text(), self._log.read_text()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[StudioProcess]:
    server = StudioProcess(tmp_path / "home")
    yield server
    server.close()


@pytest.fixture
def page(studio: StudioProcess) -> Iterator[Page]:
    expect.set_options(timeout=SECONDS)
    # While the server is down, the browser logs that it cannot reach it.
    with chromium() as browser, narrow_page(browser, (studio.url, "data:"), SECONDS, console=False) as found:
        found.goto(studio.url)
        yield found


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    corpus.write_folders(tmp_path / "songs")
    corpus.write(tmp_path / "songs/my song.ogg", corpus.excerpt("truth/bwv336.source.ogg"))
    return tmp_path / "songs"


def train(page: Page, name: str, minutes: float) -> None:
    page.fill("input[name=run]", name)
    page.check("input[name=size][value=other]", force=True)
    page.fill("input[name=minutes]", str(minutes))
    page.click("button:has-text('Start')")


def add_songs(page: Page, songs: Path) -> None:
    page.fill("input[name=name]", "The Test Band")
    page.click("button:has-text('Begin')")
    expect(page.locator("h1")).to_have_text("Songs of The Test Band")
    (songs / "notes.mp3").write_text("no music")
    band, content = [*(songs / "band").iterdir(), songs / "notes.mp3"], [*(songs / "content").rglob("*.*")]
    page.set_input_files(".pile >> nth=0 >> input[type=file]", band)
    expect(page.locator(".problems >> nth=0")).to_contain_text("notes.mp3 is not a readable audio file")
    page.set_input_files(".pile >> nth=1 >> input[type=file]", content)
    expect(page.locator(".fine")).to_contain_text("No copies")
    expect(page.locator(".pile >> nth=0 >> .pill")).to_have_text("too little")


def test_from_two_piles_of_songs_to_a_cover(page: Page, studio: StudioProcess, songs: Path):
    add_songs(page, songs)
    page.click("a:has-text('Next')")
    train(page, "first", 0.3)
    run = page.locator("section.run[aria-label=first] .pill")
    expect(run).to_have_text("learning")
    studio.kill()
    expect(page.locator("#problem")).to_contain_text("The Studio does not answer")
    studio.start()
    expect(page.locator("#problem")).to_be_hidden()
    expect(run).to_have_text("ready")
    expect(page.locator("meter >> nth=0")).to_be_visible()
    now = page.locator(".clips button >> nth=1")
    now.click()
    expect(now).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.click("a:has-text('Make covers')")
    page.click("button:has-text('Translate')")
    expect(page.locator("#problem")).to_have_text("Choose a song first.")
    page.set_input_files(".drop >> nth=0 >> input[type=file]", songs / "my song.ogg")
    page.click("summary:has-text('Sound and style')")
    page.click("summary:has-text('Style of other recordings')")
    page.fill("input[name=other_band]", "Other")
    page.set_input_files("details[open] input[type=file] >> nth=0", songs / "content/piano.mp3")
    expect(page.locator("select[name=style]")).to_have_value("Other")
    page.select_option("select[name=vocoder]", "shipped")
    page.click("button:has-text('Translate')")
    page.click("a:has-text('Listen')")
    expect(page.locator(".clock")).to_have_text("0:00 / 0:07")
    cover = "first, style of Other, neural vocoder"
    expect(page.locator(".picture.audible")).to_have_attribute("data-side", cover)
    page.locator("h1").click()
    page.keyboard.press("Space")
    expect(page.locator(".clock")).to_have_text("0:01 / 0:07")
    page.keyboard.press("1")
    expect(page.locator(".picture.audible")).to_have_attribute("data-side", "source")
    assert page.locator(".play").inner_text() == "Pause"
    page.keyboard.press("2")
    with page.expect_download() as download:
        page.click("a:has-text('MP3')")
    assert download.value.suggested_filename == f"my song ({cover}).mp3"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_base_plays_a_song_at_once(page: Page, studio: StudioProcess, songs: Path):
    add_songs(page, songs)
    page.goto(f"{studio.url}/#/band/The%20Test%20Band/covers")
    expect(page.locator("select[name=model]")).to_have_value("")
    page.set_input_files(".drop >> nth=0 >> input[type=file]", songs / "my song.ogg")
    page.click("button:has-text('Translate')")
    page.click("a:has-text('Listen')")
    expect(page.locator(".picture.audible")).to_have_attribute("data-side", "at once")


def test_a_training_that_dies_goes_on_and_is_paused(page: Page, studio: StudioProcess, songs: Path):
    add_songs(page, songs)
    page.click("a:has-text('Next')")
    train(page, "long", 60)
    run = page.locator("section.run[aria-label=long] .pill")
    expect(run).to_have_text("learning")
    train(page, "next", 60)
    expect(page.locator("section.run[aria-label=next] .pill")).to_have_text("waiting")
    page.click("section.run[aria-label=next] button:has-text('Take out')")
    expect(page.locator("section.run[aria-label=next]")).to_have_count(0)
    studio.kill_training()
    expect(run).to_have_text("interrupted")
    page.click("section.run[aria-label=long] button:has-text('Go on')")
    expect(run).to_have_text("learning")
    expect(page.locator(".left")).to_have_text(re.compile("minutes left"))
    page.click("section.run[aria-label=long] button:has-text('Pause')")
    expect(run).to_have_text("paused")
    expect(page.locator("section.run[aria-label=long]")).to_contain_text("learnt")


def test_things_are_renamed_removed_and_put_back(page: Page, studio: StudioProcess):
    page.fill("input[name=name]", "One")
    page.click("button:has-text('Begin')")
    expect(page.locator("h1")).to_have_text("Songs of One")
    covers = studio.folder / "bands/One/covers/song"
    covers.mkdir(parents=True)
    for name in ("source", "first", "second"):
        corpus.write(covers / f"{name}.wav", corpus.excerpt("truth/bwv336.source.ogg"))

    page.goto(f"{studio.url}/#/band/One/covers/song")
    expect(page.locator(".picture")).to_have_count(2)
    page.click("summary[aria-label='Rename or remove first']")
    page.fill(".manage[open] input", "loud")
    page.click(".manage[open] button:has-text('Rename')")
    expect(page.locator(".sides label")).to_have_text(["The song", "second", "loud"])
    page.click("summary[aria-label='Rename or remove second']")
    page.click("button[aria-label='Remove second']")
    expect(page.locator(".sides label")).to_have_text(["The song", "loud"])
    page.click("summary:has-text('1 removed')")
    page.click("button[aria-label='Put second back']")
    expect(page.locator(".sides label")).to_have_text(["The song", "second", "loud"])

    page.click(".brand")
    page.click("summary[aria-label='Rename or remove One']")
    page.fill(".manage[open] input", "Two")
    page.keyboard.press("Enter")
    expect(page.locator(".bands strong")).to_have_text("Two")
    page.click("summary[aria-label='Rename or remove Two']")
    page.click("button[aria-label='Remove Two']")
    expect(page.locator(".bands strong")).to_have_count(0)
    page.click("summary:has-text('1 removed')")
    page.click("button[aria-label='Put Two back']")
    expect(page.locator(".bands strong")).to_have_text("Two")
    assert (studio.folder / "bands/Two/covers/song/loud.wav").is_file()
