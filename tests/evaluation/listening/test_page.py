"""The listening test's page in a browser, opened from the disk: keys, order, progress and results."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from pipelines.evaluation.listening.answers import read_answers
from pipelines.evaluation.listening.key import Key
from tests.browsers import chromium, narrow_page, requires_chromium
from tests.evaluation.listening import small

SECONDS = 60_000

pytestmark = requires_chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=SECONDS)
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    """The page of one song: two trials."""
    return small.write_test(tmp_path_factory.mktemp("listening"), max_songs=1)


@pytest.fixture
def page(browser: Browser, path: Path) -> Iterator[Page]:
    """The page; requests to hosts and errors in it fail the test."""
    with narrow_page(browser, (path.parent.as_uri(), "blob:"), SECONDS) as found:
        found.goto(path.as_uri())
        yield found


def start(page: Page) -> None:
    page.focus("#start")
    page.keyboard.press("Enter")
    loaded(page)


def loaded(page: Page) -> None:
    expect(page.locator(".references .audible")).to_be_visible()


def rate_all(page: Page) -> None:
    """Plays and rates all sounds of a trial by the keyboard: 2, 3, 4 ... from the first to the last."""
    for number in range(1, page.locator(".sound").count() + 1):
        page.keyboard.press(str(number))
        expect(page.locator(f".sound.heard.audible:nth-child({number})")).to_be_visible()
        for _ in range(number + 1):
            page.keyboard.press("ArrowRight")


def state(page: Page) -> dict:
    return json.loads(page.evaluate("Object.entries(localStorage)[0][1]"))


def test_from_the_start_to_the_results_by_keyboard(page: Page, path: Path, tmp_path: Path):
    key = Key.load(path.parents[1])
    expect(page.locator("#length")).to_contain_text("There are 2 trials and one for practice.")
    start(page)
    titles = []
    for index in range(3):
        expected = "Practice: these answers do not count." if index == 0 else f"Trial {index} of 2."
        expect(page.locator("#progress")).to_have_text(expected)
        titles.append(page.inner_text("#question"))
        rate_all(page)
        page.keyboard.press("Enter")
        if index < 2:
            loaded(page)
    assert titles[0] == titles[1]
    assert set(titles) == {"Is it the same song?", "Is it this band?"}
    expect(page.locator("#summary")).to_contain_text("2 of 2 trials are rated.")
    page.focus("#download")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    participant = state(page)["participant"]
    assert download.value.suggested_filename == f"listening-{key.test}-{participant}.json"
    saved = Path(download.value.path()).read_text()
    assert json.loads(saved) == json.loads(page.input_value("#text"))
    (tmp_path / "a.json").write_text(saved)
    [read] = read_answers([tmp_path / "a.json"], key)
    assert read.name == participant
    assert len(read.ratings) == 2
    for trial in json.loads(saved)["trials"]:
        assert trial["started"] < trial["finished"]
        rated = [trial["ratings"][sound] for sound in trial["order"]]
        assert rated == list(range(2, 2 + len(rated)))
        assert sorted(trial["order"]) == list(key.trials[trial["trial"]].sounds)
    page.reload()
    expect(page.locator("#thanks")).to_be_visible()


def test_a_closed_page_continues_where_it_was(page: Page):
    start(page)
    page.keyboard.press("2")
    page.keyboard.press("PageUp")
    expect(page.locator(".sound:nth-child(2) output")).to_have_text("10not at all")
    before = state(page)
    page.reload()
    expect(page.locator("#start")).to_have_text("Continue")
    start(page)
    expect(page.locator(".sound:nth-child(2) output")).to_have_text("10not at all")
    expect(page.locator(".sound:nth-child(1) output")).to_have_text("\N{EN DASH}not rated")
    after = state(page)
    assert after["participant"] == before["participant"]
    assert [trial["order"] for trial in after["trials"]] == [trial["order"] for trial in before["trials"]]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for control in ("#play", "#seek", "#from", "#to", "#all", "#next"):
        expect(page.locator(control)).to_be_visible()


def test_the_next_trial_needs_all_sounds_heard_and_rated(page: Page):
    start(page)
    page.keyboard.press("1")
    page.keyboard.press("End")
    page.keyboard.press("3")
    page.keyboard.press("ArrowLeft")  # rates 0
    expect(page.locator(".sound:nth-child(3) output")).to_have_text("0not at all")
    expect(page.locator(".sound:nth-child(1) output")).to_have_text("100fully")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_have_text("Before you go on, listen to 2, 4 and rate 2, 4.")


def test_switching_continues_at_the_same_moment_and_a_part_is_looped(page: Page):
    start(page)
    page.keyboard.press("1")
    expect(page.locator("#play")).to_have_text("Pause")
    expect(page.locator("#clock")).to_have_text(re.compile(r"^[12]\.\d / 3\.0 s$"))
    before, after = page.evaluate("[player.position, (choose(rows[1].name, true), player.position)]")
    assert 0 <= after - before < 0.1
    assert page.evaluate("player.audible === rows[1].name")
    assert page.evaluate("player.nodes.length === rows.length + references.length")  # all run together
    page.evaluate("setLoop(1, 1.6)")
    seen = [page.evaluate("player.position") for _ in itertools.repeat(None, 30)]
    page.wait_for_timeout(900)
    seen.append(page.evaluate("player.position"))
    assert all(1 <= position < 1.6 for position in seen)
    page.keyboard.press("Space")
    expect(page.locator("#play")).to_have_text("Play")
    stopped = page.evaluate("player.position")
    assert page.evaluate("player.position") == stopped
    page.keyboard.press("l")
    assert page.evaluate("[player.loop.from, player.loop.to]") == [0, pytest.approx(small.SECONDS, abs=0.05)]
    page.keyboard.press("s")
    assert page.evaluate("player.loop.from") == pytest.approx(stopped, abs=0.1)


def test_one_sound_is_audible_and_all_are_in_step(page: Page):
    """Rendered offline: the loop of the chosen sound alone, with its edges faded."""
    start(page)
    found = page.evaluate(
        """async () => {
          const context = new OfflineAudioContext(1, 22050, 22050);
          const offline = new Player(context);
          offline.load(player.sounds);
          offline.setLoop(0.5, 1.5);
          offline.context.resume = async () => {};
          offline.choose(rows[0].name);
          await offline.play();
          const out = (await context.startRendering()).getChannelData(0);
          const sound = player.sounds.get(rows[0].name).getChannelData(0);
          const start = Math.round(0.02 * 22050);
          let worst = 0;
          for (let n = 2000; n < 20000; n++) {
            worst = Math.max(worst, Math.abs(out[start + n] - sound[Math.round(0.5 * 22050) + n]));
          }
          return { worst, peak: Math.max(...out), first: Math.abs(out[start]) };
        }"""
    )
    assert found["peak"] > 0.05
    assert found["worst"] < 1e-4
    assert found["first"] < 1e-4


def test_references_by_key_and_orders_that_differ_between_participants(page: Page):
    orders = set()
    for _ in range(4):
        start(page)
        first = state(page)["trials"][0]
        orders.add((first["question"], *first["order"]))
        page.keyboard.press("0")
        expect(page.locator("#play")).to_have_text("Pause")
        if first["question"] == "style":
            expect(page.locator("#references button:nth-child(2)")).to_have_attribute("aria-pressed", "true")
        page.click("#stop")
        page.once("dialog", lambda dialog: dialog.accept())
        page.click("#again")
        expect(page.locator("#start")).to_have_text("Start")
    assert len(orders) > 1  # 1 in 100,000 that four shuffles of five agree


def test_an_early_end_saves_what_is_rated_and_allows_to_go_on(page: Page):
    start(page)
    page.click("#stop")
    expect(page.locator("#summary")).to_contain_text("0 of 2 trials are rated.")
    page.click("#copy")
    expect(page.locator("#saved")).not_to_be_empty()
    page.click("#resume")
    loaded(page)


def test_every_control_has_a_name_and_is_reached_by_tab(page: Page):
    start(page)
    page.focus("#question")
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.tagName, e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent,"
            " s.outlineStyle]; })()"
        )
        if name in reached or name[0] == "BODY":
            break
        reached.append(name)
    assert all(text.strip() and outline == "solid" for _, text, outline in reached)
    sliders = [text for tag, text, _ in reached if tag == "INPUT"]
    assert [text for text in sliders if text.startswith("Rating")] == [
        f"Rating of sound {n}" for n in (1, 2, 3, 4)
    ]
    assert {"Play", "Loop all", "Start the test", "Stop here and save"} <= {text for _, text, _ in reached}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_legible_in_light_and_dark(page: Page, scheme):
    """WCAG's contrast of 4.5 between the text and the page, and of the main button."""
    page.emulate_media(color_scheme=scheme)
    start(page)
    contrast = page.evaluate(
        """() => {
          const light = (text) => {
            const [r, g, b] = text.match(/[0-9.]+/g).map((v) => v / 255)
              .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ratio = (text, ground) => {
            const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
            return (a + 0.05) / (b + 0.05);
          };
          const style = (selector) => getComputedStyle(document.querySelector(selector));
          const card = style(".card.transport").backgroundColor;
          const button = style("#play");
          return [
            ratio(style("#question").color, style("body").backgroundColor),
            ratio(style(".sound output").color, card),
            ratio(button.color, button.backgroundColor),
          ];
        }"""
    )
    assert min(contrast) > 4.5


def test_a_sound_that_is_missing_is_one_sentence(browser: Browser, tmp_path: Path):
    path = small.write_test(tmp_path, max_songs=1)
    for clip in (path.parent / "clips").iterdir():
        clip.unlink()
    page = browser.new_page()
    page.goto(path.as_uri())
    page.click("#start")
    expect(page.locator("#problem")).to_contain_text("cannot be loaded: check the connection and reload")
    page.close()
