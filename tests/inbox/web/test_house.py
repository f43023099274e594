"""The rules of this room: what is vendored, what index.html names, who writes shared state, how long a file may be."""

import hashlib
import json
import re
import tomllib
from pathlib import Path

import pytest

WEB = Path(__file__).parents[3] / "inbox" / "web"
OURS = sorted(path for path in WEB.rglob("*.js") if "vendor" not in path.parts)
INDEX = (WEB / "index.html").read_text()
MODULES = tomllib.loads((WEB / "vendor" / "vendor.toml").read_text())["module"]


def name(path: Path) -> str:
    """A file's name inside the room."""
    return path.relative_to(WEB).as_posix()


def test_every_bare_import_resolves_to_exactly_one_vendored_file_with_the_recorded_hash() -> None:
    found = re.search(r'<script type="importmap">(.*?)</script>', INDEX, re.DOTALL)
    assert found is not None
    imports = json.loads(found.group(1))["imports"]
    assert imports == {one["import"]: f"/ui/0/vendor/{one['file']}" for one in MODULES}
    for one in MODULES:
        body = (WEB / "vendor" / one["file"]).read_bytes()
        assert hashlib.sha256(body).hexdigest() == one["sha256"]
        assert b"sourceMappingURL" not in body
        assert (WEB / "vendor" / one["license_file"]).read_text().strip()
    listed = {one["file"] for one in MODULES}
    assert {path.name for path in (WEB / "vendor").glob("*.mjs")} == listed


def test_there_is_one_copy_of_preact() -> None:
    copies = [one["file"] for one in MODULES if b"__k" in (WEB / "vendor" / one["file"]).read_bytes()]
    assert [file for file in copies if file.startswith("preact-1")] == ["preact-11.2.0.mjs"]
    bare = {
        match
        for path in [*OURS, *(WEB / "vendor").glob("*.mjs")]
        for match in re.findall(r"""(?:from|import)\s*["'](@?[a-z][\w@/-]*)["']""", path.read_text())
    }
    assert bare <= {one["import"] for one in MODULES}


def test_index_names_every_module_and_every_stylesheet() -> None:
    preloaded = set(re.findall(r'modulepreload" href="/ui/0/([^"]+)"', INDEX))
    vendored = {f"vendor/{one['file']}" for one in MODULES}
    assert preloaded == {name(path) for path in OURS} - {"app.js", "first_look.js"} | vendored
    styles = set(re.findall(r'stylesheet" href="/ui/0/([^"]+)"', INDEX))
    assert styles == {name(path) for path in WEB.glob("styles/*.css")} - {"styles/mail.css"}


def test_nothing_is_asked_of_anybody_else() -> None:
    for path in [*OURS, *WEB.glob("styles/*.css"), WEB / "index.html"]:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.findall(r"""["'(]https?://[a-z]""", text), name(path)


@pytest.mark.parametrize("path", OURS, ids=name)
def test_files_stay_small_and_say_what_they_are(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 400
    assert lines[0].startswith("// ")
    assert max(map(len, lines)) <= 200
    assert "TO" + "DO" not in path.read_text()


def test_the_median_file_is_short() -> None:
    sizes = sorted(len(path.read_text().splitlines()) for path in OURS)
    assert sizes[len(sizes) // 2] <= 80


def test_only_apply_writes_shared_state() -> None:
    text = (WEB / "state" / "store.js").read_text()
    signals = re.findall(r"export const (\w+) = signal", text)
    assert len(signals) > 10
    for path in OURS:
        if path.name in {"apply.js", "store.js"}:
            continue
        source = path.read_text()
        named = set(re.findall(r'import \{([^}]*)\} from "(?:\./|\.\./state/)store\.js"', source))
        imported = {word.strip() for group in named for word in group.split(",")}
        written = set(re.findall(r"(?:store\.)(\w+)\.value\s*=[^=]", source))
        written |= {word for word in imported if re.search(rf"(?<![\w.]){word}\.value\s*=[^=>]", source)}
        assert not written & set(signals), name(path)


def test_views_never_fetch_and_lib_knows_no_state() -> None:
    for path in OURS:
        source = path.read_text()
        if path.parent.name == "views" and path.name != "mail_frame.js":
            assert "fetch(" not in source, name(path)
            assert "lib/api.js" not in source, name(path)
        if path.parent.name == "lib":
            assert "/state/" not in source, name(path)
            assert "/views/" not in source, name(path)
        assert "innerHTML =" not in source, name(path)
        assert "dangerouslySetInnerHTML" not in source, name(path)


def test_colours_stand_in_the_tokens_only() -> None:
    for path in WEB.glob("styles/*.css"):
        if path.name in {"tokens.css", "mail.css"}:
            continue
        assert not re.findall(r"#[0-9a-f]{3,8}\b", path.read_text()), name(path)


def test_no_key_is_given_twice_and_none_needs_alt() -> None:
    source = (WEB / "state" / "commands.js").read_text()
    keys = re.findall(r'\["([^"\]]+)"(?:, "([^"]+)")?\], ', source)
    flat = [key for pair in keys for key in pair if key]
    assert len(flat) > 30
    assert len(flat) == len(set(flat))
    assert not any("Alt" in key for key in flat)
    handlers = [name(path) for path in OURS if 'document.addEventListener("keydown"' in path.read_text()]
    assert handlers == ["state/keyboard.js"]


@pytest.mark.parametrize("path", OURS, ids=name)
def test_functions_stay_short(path: Path) -> None:
    began, opened = 0, ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if re.match(r"(export )?(async )?function ", line):
            began, opened = number, line
        elif line.startswith("}") and opened:
            assert number - began + 1 <= 40, opened
            opened = ""
