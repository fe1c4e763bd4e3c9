"""Tests of the tables, the JSON file and the HTML page."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from pipelines.audio.song_files import SongFiles
from pipelines.data.schema import Skipped
from pipelines.data.survey import html_report, json_report, tables
from pipelines.data.survey.advice import advise
from pipelines.data.survey.training_cost import TrainingCost
from tests.browsers import chromium, narrow_page, requires_chromium
from tests.data.survey.fakes import report, song, songs

COSTS = [TrainingCost("cyclegan_tiny", "cyclegan", 800, "9 minutes", 79.0, 2.6)]


@pytest.fixture
def found():
    content = [
        *songs("content", 5, tempo=[90.0, 100.0, 110.0, 120.0, 130.0]),
        song(
            "content",
            "<b>\udcff & silent.wav",
            loudness=None,
            tempo=None,
            tuning=None,
            bandwidth=0.0,
            silence=1.0,
        ),
    ]
    band = songs("band", 3, width_db=None)
    unusable = {"band": (Skipped("broken.mp3", "is empty"),)}
    made = report(content, band, [(content[0], band[0])], unusable)
    other = SongFiles(Path("songs"), (), {"pictures": ("a.jpg", "b.jpg"), "archives": ("\udcff.zip",)})
    return dataclasses.replace(made, found={**made.found, "content": other})


def test_the_table_of_domains(found):
    rows = {line[:22].strip(): line[22:].split("  ") for line in tables.domains(found).splitlines()}
    cells = {name: [cell.strip() for cell in row if cell.strip()] for name, row in rows.items()}
    assert cells["Songs"] == ["6", "3"]
    assert cells["Unreadable files"] == ["0", "1"]
    assert cells["Other files"] == ["3", "0"]
    assert cells["Minutes"] == ["18.0", "9.0"]
    assert cells["Usable minutes"] == ["12.0", "9.0"]
    assert cells["Formats"] == ["6 MP3", "3 MP3"]
    assert cells["Channels"] == ["6 stereo", "3 mono"]
    assert cells["Tempo, BPM"] == ["110 (90 to 130)", "120 (120 to 120)"]
    assert cells["Stereo width, dB"] == ["-10.0 (-10.0 to -10.0)", "-"]


def test_songs_and_pairs(found):
    text = tables.songs(found)
    assert "<b>\udcff & silent.wav" in text
    assert len(text.splitlines()) == 2 + 9 + 1
    assert "content/0.mp3 = band/0.mp3 (50% of the shorter one's landmarks, +0.0 s)" in tables.duplicates(
        found
    )
    assert tables.ignored_files(found) == (
        "ignored in content: pictures: 2 (a.jpg, b.jpg); archives: 1 (\udcff.zip)"
    )
    many = tables.songs(report(songs("content", 100), songs("band", 1)))
    assert "... and 60 more" in many


def test_training_and_advice(found):
    assert (
        "cyclegan_tiny  processes 79 min of audio, the band's songs 2.6 times; 9 minutes"
        in tables.training(COSTS)
    )
    assert "Songs to remove or replace\n  - content/<b>\udcff & silent.wav is silent" in tables.advice(
        advise(found)
    )


def test_json_is_strict(found, tmp_path):
    json_report.write(tmp_path / "s.json", json_report.to_json(found, advise(found), COSTS))
    values = json.loads((tmp_path / "s.json").read_text(), parse_constant=pytest.fail)
    assert values["domains"]["content"]["usable_minutes"] == 12.0
    assert [values["domains"][domain]["amount"] for domain in ("content", "band")] == ["little", "little"]
    silent, copy = "<b>\udcff & silent.wav", "is the same recording as band/0.mp3"
    assert values["excluded"] == {
        "content": {silent: "is silent for 100% of its length", "0.mp3": copy},
        "band": {},
    }
    assert values["domains"]["band"]["unreadable"] == [{"file": "broken.mp3", "why": "is empty"}]
    other = [values["domains"][domain]["ignored"] for domain in ("content", "band")]
    assert other == [{"pictures": ["a.jpg", "b.jpg"], "archives": ["\udcff.zip"]}, {}]
    assert [each["tempo"] for each in values["songs"]][4:7] == [130.0, None, 120.0]
    assert values["duplicates"][0]["second"] == "band/0.mp3"
    assert values["training"][0]["passes"] == 2.6
    assert [each.name for each in tmp_path.iterdir()] == ["s.json"]


def test_the_page_is_self_contained(found, tmp_path):
    html_report.write(tmp_path / "s.html", found, advise(found), COSTS)
    text = (tmp_path / "s.html").read_text()
    assert "<b>" not in text
    assert "&lt;b&gt;? &amp; silent.wav" in text
    assert "ignored in content: pictures: 2 (a.jpg, b.jpg); archives: 1 (?.zip)" in text
    assert not re.search(r"(?:src|href)=", text)


@requires_chromium
def test_the_page_in_a_browser(found, tmp_path):
    html_report.write(tmp_path / "s.html", found, advise(found), COSTS)
    address = (tmp_path / "s.html").as_uri()
    with chromium() as browser, narrow_page(browser, (address,)) as view:
        view.goto(address)
        assert view.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # Of nine songs one has no tempo: eight dots, and a median for each side.
        tempo = view.locator("svg[aria-label^='Tempo']")
        assert tempo.locator("circle").count() == 8
        assert tempo.locator(".median").count() == 2
        view.get_by_role("button", name="Tempo").click()
        order = view.locator("table.sortable tbody tr th .name").all_inner_texts()
        assert order[0] == "content/4.mp3"
        assert "silent.wav" in order[-1]
