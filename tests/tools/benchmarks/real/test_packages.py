import pytest

from tools.benchmarks.real.packages import BANDS, BY_SA, CONTENT

PACKAGES = (*BANDS.values(), *CONTENT)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_every_song_has_a_licence(package):
    credit = package.credit("folder/any name.ogg")
    assert credit.licence in {BY_SA, "GPL-2.0-or-later", "GPL-2.0-only"}
    assert package.source


def test_names_are_unique():
    assert len({package.name for package in PACKAGES}) == len(PACKAGES)


@pytest.mark.parametrize(
    ("song", "artist", "licence"),
    [
        ("hr3-caves.ogg", "Shawn Parrotte", BY_SA),
        ("hr-domina-hunting.ogg", "Lincoln Domina", BY_SA),
        ("hr-savino-palace.ogg", "Will Savino", BY_SA),
        ("a new file.ogg", "", "GPL-2.0-or-later"),
    ],
)
def test_the_first_credit_that_matches_holds(song, artist, licence):
    credit = next(package for package in CONTENT if package.name == "hyperrogue-music").credit(song)
    assert (credit.artist, credit.licence) == (artist, licence)
