"""Each thing that goes wrong in training is found, and a healthy run is left alone."""

import numpy as np
import pytest

from pipelines.audio.spec import AudioSpec
from pipelines.nn.remedies import Remedies
from pipelines.training import health_checks

SPEC = AudioSpec()
HEALTHY = {"discriminator/band": 0.2, "cycle/content": 0.05}
REMEDIES = Remedies("Louder.", "Softer.", "More.", "Less.", "Slower.", ("discriminator/band", "judge"))


def music(seed, count=3):
    """Log-mels that vary like music: a level per clip, a spectrum, and notes."""
    generator = np.random.default_rng(seed)
    level = generator.uniform(-0.3, 0.0, (count, 1, 1, 1))
    slope = np.linspace(0.3, -0.5, 32).reshape(1, 1, 32, 1)
    return (level + slope + generator.normal(0, 0.15, (count, 40, 32, 1))).clip(-1, 1).astype(np.float32)


SOURCE, BAND = music(1), music(2)
TRANSLATED = (0.85 * SOURCE + 0.15 * np.linspace(-0.6, 0.4, 32).reshape(1, 1, 32, 1)).astype(np.float32)


def found(translation, scalars=HEALTHY, progress=0.5, source=SOURCE, step=64):
    measures = health_checks.measure(SPEC, source, translation, BAND)
    return {
        finding.key: finding.sentence
        for finding in health_checks.findings(measures, scalars, REMEDIES, step, progress)
    }


def test_a_healthy_translation_raises_no_alarm():
    assert found(TRANSLATED) == {}


def test_a_duller_and_quieter_band_raises_no_alarm():
    assert found(np.maximum(SOURCE * 0.75 - 0.1, -1)) == {}


def test_the_measures_by_hand():
    offset = 20.0 / SPEC.range_db  # ten decibels
    measures = health_checks.measure(SPEC, SOURCE, SOURCE - offset, BAND)
    assert measures.level_db == pytest.approx(-10.0, abs=1e-3)
    assert measures.change == pytest.approx(offset / np.abs(BAND - SOURCE).mean(), rel=1e-4)
    assert measures.variety == pytest.approx(1.0, rel=1e-4)
    assert measures.finite == 1.0


def test_muting():
    assert "nearly silent (-" in found(np.full_like(SOURCE, -1.0))["muting"]
    assert "muting" in found(SOURCE - 2 * 25.0 / SPEC.range_db)
    assert "muting" not in found(SOURCE - 2 * 15.0 / SPEC.range_db)


def test_running_away():
    assert "far too loud (+30 dB" in found(SOURCE + 2 * 30.0 / SPEC.range_db)["too loud"]


def test_identity_mapping_counts_only_after_the_beginning():
    nearly = SOURCE + np.float32(0.005)
    assert "nearly its source" in found(nearly)["identity mapping"]
    assert found(nearly, progress=0.05) == {}


def test_collapse():
    same = np.repeat(music(3, count=1), 3, axis=0)
    assert "Different songs come out nearly the same" in found(same)["collapse"]


def test_collapse_needs_two_clips():
    measures = health_checks.measure(SPEC, SOURCE[:1], TRANSLATED[:1], BAND[:1])
    assert np.isnan(measures.variety)
    assert health_checks.findings(measures, HEALTHY, REMEDIES, 64, 0.5) == []


def test_not_a_number():
    broken = TRANSLATED.copy()
    broken[0] = np.nan
    assert "33% of the translation" in found(broken)["not a number"]
    assert "cycle/content" in found(TRANSLATED, {"cycle/content": float("nan")})["not a number"]


def test_a_discriminator_that_wins():
    told = found(TRANSLATED, {"discriminator/band": 0.0004, "discriminator/content": 0.2})
    assert "discriminator/band 0.0004)" in told["discriminator too strong"]
    assert "judge 0.0000)" in found(TRANSLATED, {"judge": 0.0})["discriminator too strong"]
    assert found(TRANSLATED, {"discriminator/other": 0.0}) == {}


def test_the_advice_is_the_family_s():
    same = np.repeat(music(3, count=1), 3, axis=0)
    told = [
        found(np.full_like(SOURCE, -1.0))["muting"],
        found(SOURCE + 2 * 30.0 / SPEC.range_db)["too loud"],
        found(SOURCE + np.float32(0.005))["identity mapping"],
        found(same)["collapse"],
        found(TRANSLATED, {"judge": 0.0})["discriminator too strong"],
    ]
    assert [sentence.rpartition(" ")[2] for sentence in told] == [
        "Louder.", "Softer.", "More.", "Less.", "Slower.",
    ]  # fmt: skip


def test_a_young_network_is_not_judged():
    same = np.repeat(music(3, count=1), 3, axis=0)
    assert found(same, {"judge": 0.0}, step=63) == {}
    broken = np.full_like(SOURCE, np.nan)
    assert set(found(broken, step=1)) == {"not a number"}


def test_silent_sources_are_left_out():
    silence = np.full_like(SOURCE, -1.0)
    assert found(silence, source=silence) == {}
    half = np.concatenate([SOURCE[:2], silence[2:]])
    assert found(np.concatenate([TRANSLATED[:2], silence[2:]]), source=half) == {}


def test_a_finding_is_told_when_it_comes_and_when_it_goes():
    log, finding = health_checks.Log(), health_checks.Finding("muting", "It is silent.")
    assert log.update([finding]) == ["It is silent."]
    assert log.update([health_checks.Finding("muting", "It is still silent.")]) == []
    assert log.update([]) == ["This is over now: muting."]
    assert log.update([]) == []
    assert log.update([finding]) == ["It is silent."]


def test_scalars_and_words_for_tensorboard():
    measures = health_checks.Measures(level_db=-3.0, change=float("nan"), variety=1.0)
    assert health_checks.scalars(measures) == {
        "health/level_db": -3.0,
        "health/variety": 1.0,
        "health/finite": 1.0,
    }
    assert set(health_checks.scalars(measures)) <= set(health_checks.METRIC_DESCRIPTIONS)
    assert health_checks.as_markdown([health_checks.Finding("a", "b.")]) == "- **a**: b."
    assert health_checks.as_markdown([]) == "Nothing found."
