import base64
import hashlib
import io
import re

import numpy as np
import pytest
import soundfile
from PIL import Image

from pipelines.evaluation.report.page import LIMIT_BYTES, write_report
from pipelines.evaluation.results import EvaluatedSong, PublishedComparison, PublishedRow
from tests.evaluation import reports
from tests.evaluation.reports import Page

NASTY = "<script>alert('1')</script> & \"co\""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("evaluation")


@pytest.fixture(scope="module")
def text(folder):
    result = reports.with_audio(folder, ["first", NASTY], warnings=["song <b> is silent"])
    return write_report(result, folder).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def content(uri):
    return base64.b64decode(uri.split(",", 1)[1])


def test_the_page_loads_nothing(page, text):
    for _, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "poster"):
            assert attributes.get(name, "data:").startswith("data:")
    assert not re.search(r"@import|url\(|https?:|fetch\(|XMLHttpRequest", text)
    assert not page.all("link")


def test_policy_allows_only_the_shared_script(page, text):
    (policy,) = [a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy"]
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_names_and_warnings_are_escaped(page):
    assert len(page.all("script")) == 1
    assert not page.all("b")
    assert NASTY in page.text
    assert "song <b> is silent" in page.text


def test_every_song_has_audio_and_spectrograms(page):
    # The copy of the source is the source: three sounds a song.
    assert "source = copy" in page.text
    players = page.all("audio")
    assert len(players) == len(page.all("svg", class_="spectrogram")) == 2 * 3
    samples, rate = soundfile.read(io.BytesIO(content(players[0]["src"])))
    assert (len(samples), rate) == (2 * reports.RATE, reports.RATE)
    pictures = [Image.open(io.BytesIO(content(a["href"]))) for a in page.all("image")]
    assert len({picture.size for picture in pictures}) == 1
    assert min(np.ptp(np.asarray(picture)) for picture in pictures) > 5


def test_images_and_audio_have_text_alternatives(page):
    assert all(a.get("aria-label") for a in page.all("audio") + page.all("svg", role="img"))
    assert all("aria-label" in a or "aria-hidden" in a for a in page.all("svg"))
    assert f"Spectrogram of {NASTY}, mine: 0 to 11.025 kHz, 0 to 2 s" in {
        a["aria-label"] for a in page.all("svg", class_="spectrogram")
    }
    assert page.all("html")[0]["lang"] == "en"


def test_numbers_intervals_and_explanations(page):
    assert "6.00" in page.text
    assert "5.90 to 6.10" in page.text
    assert "log-mel error 6.25 dB" in page.text
    assert "Distance to the truth. Lower is better." in page.text
    assert "“mine” is closest" in page.text


def test_tables_can_be_sorted(page):
    headings = page.all("th", aria_sort="none")
    assert [a["data-higher"] for a in headings] == ["false", "true", "true", "true", "false"]
    assert {"9.0", "6.0"} <= {a["data-value"] for a in page.all("td") if "data-value" in a}


def test_songs_that_do_not_fit_are_counted(folder):
    result = reports.with_audio(folder, [f"song {index}" for index in range(6)])
    limit = 400_000
    path = write_report(result, folder, limit)
    page = Page(path.read_text(encoding="utf-8"))
    shown = len(page.all("details", class_="song"))
    assert 0 < shown < 6
    assert f"{shown} of 6 songs are included, {6 - shown} left out" in page.text
    assert 0.4 * limit < path.stat().st_size <= limit <= LIMIT_BYTES


def test_missing_values_and_audio_are_marked(folder):
    songs = [EvaluatedSong("one", 2.0, "gone.ogg")]
    rows = [
        reports.row("a", "baseline", {"chroma_to_source": float("nan"), "probability": 0.3}),
        reports.row("b", "model", {"probability": 0.6}),
    ]
    text = write_report(reports.evaluation(rows, songs=songs), folder).read_text(encoding="utf-8")
    page = Page(text)
    assert "nan" not in page.text
    assert page.all("td", class_="missing")
    assert "Nothing could be compared" in page.text
    assert "This song was not translated." in page.text
    assert "No audio: " in page.text
    assert not page.all("svg", class_="chart")


def test_an_empty_evaluation_is_a_page(folder):
    page = Page(write_report(reports.evaluation([]), folder).read_text(encoding="utf-8"))
    assert "Nothing could be compared" in page.text
    assert not page.all("table")


def test_names_may_contain_invalid_unicode(folder):
    rows = [reports.row("a", "model", {"probability": 0.3}, name="bad \udcff byte")]
    assert "bad ? byte" in write_report(reports.evaluation(rows), folder).read_text(encoding="utf-8")


def test_published_numbers_are_shown_with_ours(folder):
    anchor = PublishedRow("copy content", {"log_mel_error": 14.62}, None)
    found = PublishedComparison("a paper", ("log_mel_error", "unknown"), (anchor,), None, "too few rows")
    rows = [reports.row("a", "model", reports.scores(1.0, 0.5, 0.5))]
    page = Page(write_report(reports.evaluation(rows, published=found), folder).read_text(encoding="utf-8"))
    assert "14.62" in page.text
    assert "Too few rows." in page.text
