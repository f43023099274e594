"""Where the master key comes from, and what it never shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.keys import FILE, MAX_KEYS, VARIABLE, KeyFault, find_keys, new_key, read_keys


def test_an_embedded_parley_makes_its_own_once(tmp_path: Path) -> None:
    first = find_keys(None, {}, tmp_path)
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert find_keys(None, {}, tmp_path) == first


def test_the_order_of_sources(tmp_path: Path) -> None:
    configured, variable = new_key(), new_key()
    assert find_keys(configured, {VARIABLE: variable}, tmp_path) == read_keys(configured, "x")
    assert find_keys(None, {VARIABLE: variable}, tmp_path) == read_keys(variable, "x")
    assert not (tmp_path / FILE).exists()


def test_several_processes_need_a_key_that_is_given() -> None:
    with pytest.raises(KeyFault, match="PARLEY_KEY is not set"):
        find_keys(None, {}, None)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    find_keys(None, {}, tmp_path)
    (tmp_path / FILE).chmod(0o640)
    with pytest.raises(KeyFault, match="can be read by others: run `chmod 600"):
        find_keys(None, {}, tmp_path)


def test_several_keys_and_their_bound() -> None:
    words = [new_key() for _ in range(MAX_KEYS)]
    assert len(read_keys(" , ".join(words), "x")) == MAX_KEYS
    with pytest.raises(KeyFault, match="1 to 16 keys"):
        read_keys(",".join([*words, new_key()]), "x")


@pytest.mark.parametrize("text", ["", "  ,", "hunter2", "A" * 43, "ä" * 44])
def test_a_bad_key_is_not_quoted(text: str) -> None:
    with pytest.raises(KeyFault) as caught:
        read_keys(text, "PARLEY_KEY")
    assert "PARLEY_KEY" in str(caught.value)
    assert not text.strip(" ,") or text not in str(caught.value)


def test_a_key_shows_its_id_only() -> None:
    text = new_key()
    (key,) = read_keys(text, "x")
    assert repr(key) == f"MasterKey({key.id})"
    assert read_keys(text.replace("-", "+").replace("_", "/"), "x") == (key,)
