"""Where things are kept."""

from __future__ import annotations

from pathlib import Path

from config.place import place_of
from config.settings import Parley


def test_short_forms_lead_into_the_data_folder(tmp_path: Path) -> None:
    place = place_of(Parley(), tmp_path)
    assert place.embedded
    assert place.data == tmp_path / "data"
    assert place.database == tmp_path / "data/parley.db"
    assert place.blob_folder == tmp_path / "data/blobs"


def test_an_absolute_folder_and_other_urls(tmp_path: Path) -> None:
    parley = Parley(data="/var/lib/parley", store="postgresql://h/d", blobs="s3://bucket/x", bus="redis://h")
    place = place_of(parley, tmp_path)
    assert not place.embedded
    assert place.data == Path("/var/lib/parley")
    assert (place.database, place.blob_folder) == (None, None)
    assert (place.store, place.blobs, place.bus) == ("postgresql://h/d", "s3://bucket/x", "redis://h")


def test_a_sqlite_file_elsewhere(tmp_path: Path) -> None:
    assert place_of(Parley(store="sqlite:////srv/x.db"), tmp_path).database == Path("/srv/x.db")
