"""A model's file: read with its defaults, every fault at its place, values set by hand; and the command around it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.simulating import model_of
from router.rules import Step
from router.simulation.entries import AgentEntry, ClassEntry, ModelEntry, TickEntry
from router.simulation.play import play
from router.simulation.volumes import DemandEntry, TargetEntry, VolumesEntry
from tests.config.served import parley

SAMPLE = """\
seed: 7
arrivals: 3000
warmup: 300
classes:
  - {name: a, rate: 0.9, need: [spanish >= 3], patience: null, service: 1.0, priority: 0, boost: 0, slope: 1.0, weight: 1}
  - {name: b, rate: 0.6, need: [billing], patience: 0.5, service: 1.0}
agents:
  - {name: s1, count: 1, skills: {spanish: 5}, units: 1}
  - {name: s2, count: 2, skills: {spanish: 3, billing: 2}, units: 3, speed: [1.0, 1.6, 1.8]}
order: strict
pick: [longest_idle]
steps: []
places: null
router: engine
distribution: exponential
"""
SMALL = "classes: [{name: a, rate: 1}]\nagents: [{name: s}]\n"
FIGURES = {
    "arrivals", "served", "abandoned", "blocked", "waiting", "mean_wait", "mean_wait_se", "p50_wait", "p95_wait", "p99_wait", "sl_20s",
    "sl_60s", "p_wait", "p_abandon", "p_blocked", "mean_queue",
}  # fmt: skip


def faults(text: str, *overrides: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        model_of(text.encode(), "m.yaml", overrides)
    return caught.value.lines()


def test_the_documented_model_is_read() -> None:
    model = model_of(SAMPLE.encode(), "m.yaml")
    assert (model.seed, model.arrivals, model.warmup, model.places) == (7, 3000, 300, None)
    assert model.kinds[0].need == ("spanish>=3",)
    assert (model.kinds[0].patience, model.kinds[1].patience) == (0.0, 0.5)
    assert model.groups[1].speed == (1.0, 1.6, 1.8)


def test_everything_but_classes_and_agents_has_a_default() -> None:
    model = model_of(SMALL.encode(), "m.yaml")
    assert (model.arrivals, model.minutes, model.warmup, model.order, model.pick) == (
        200_000,
        0.0,
        0,
        "strict",
        ("longest_idle",),
    )
    assert (model.kinds[0].service, model.kinds[0].weight, model.groups[0].units, model.router) == (1.0, 1, 1, "engine")  # fmt: skip


def test_lengths_are_minutes_or_have_a_unit() -> None:
    text = SMALL.replace("rate: 1", "rate: 1, boost: 30s, target: 2") + "router: {tick: 5s}\nminutes: 90\n"
    model = model_of(text.encode(), "m.yaml")
    assert (model.kinds[0].boost, model.kinds[0].target, model.minutes, model.arrivals) == (0.5, 2.0, 90.0, 0)
    assert model.router == "tick"
    assert model.tick == pytest.approx(5 / 60)


def test_steps_belong_to_the_classes_that_need_what_they_begin_with() -> None:
    text = """\
classes:
  - {name: a, rate: 1, need: [x >= 3]}
  - {name: b, rate: 1, need: [y]}
  - {name: c, rate: 1}
  - {name: d, rate: 1, need: [y], steps: [{for: 1m}, {}]}
agents: [{name: s, skills: {x: 3, y: 1}}]
steps: [{need: [x >= 3], for: 30s}, {need: [x]}]
"""
    kinds = {kind.name: kind.steps for kind in model_of(text.encode(), "m.yaml").kinds}
    widened = (Step(need=("x>=3",)), Step(need=("x",), after=30.0))
    assert kinds["a"] == widened == kinds["c"]
    assert kinds["b"] == (Step(need=("y",)),)
    assert kinds["d"] == (Step(need=("y",)), Step(after=60.0))


def test_steps_may_say_something_and_measure_but_neither_move_nor_tag() -> None:
    text = """\
classes: [{name: a, rate: 1.5, need: [x]}]
agents: [{name: s, skills: {x: 1}}, {name: t}]
arrivals: 2000
steps: [{for: 30s}, {say: "A moment, please.", if: queue.waiting > 1, priority: 2}]
"""
    found = play(model_of(text.encode(), "m.yaml"))[0]
    assert found.overall.served == 2_000
    assert found.agents["t"].utilisation > 0.3
    assert 'unknown queue "b"' in faults(text.replace("priority: 2", "queue: b"))[0]
    assert 'unknown tag "b"' in faults(text.replace("priority: 2", "tags: [b]"))[0]


def test_every_fault_is_told_at_its_place_all_at_once() -> None:
    text = """\
arivals: 10
classes:
  - {name: a, rate: -1, patience: soon}
  - {name: a, raet: 1}
agents: [{name: s, units: 0}]
order: stirct
"""
    assert faults(text) == [
        'm.yaml:1:1: unknown key "arivals" (did you mean "arrivals"?)',
        "m.yaml:3:21: must be at least 0, is -1",
        'm.yaml:3:35: expected a number, got the text "soon"',
        'm.yaml:4:5: the key "rate" is missing',
        'm.yaml:4:15: unknown key "raet" (did you mean "rate"?)',
        "m.yaml:5:27: must be at least 1, is 0",
        'm.yaml:6:8: expected one of ageing, due, fifo, head_start, strict, got "stirct" (did you mean "strict"?)',
    ]


def test_what_does_not_go_together_is_told_at_its_place_too() -> None:
    text = """\
arrivals: 100
minutes: 5
warmup: 100
classes:
  - {name: a, rate: 0, need: [spansh], weight: 9}
  - {name: a, rate: 0}
agents:
  - {name: s, skills: {spanish: 7}, units: 3, speed: [1.0, 1.5]}
pick: [longest_idel]
router: push_lest_open
steps: [{need: [x], for: 1m}, {}]
"""
    assert faults(text) == [
        "m.yaml:2:1: write either arrivals or minutes",
        "m.yaml:4:1: nobody ever comes: every rate is 0",
        'm.yaml:5:31: unknown skill "spansh" (did you mean "spanish"?)',
        "m.yaml:5:48: a weight of 9 fits into no agent's units",
        'm.yaml:6:12: "a" stands here twice',
        "m.yaml:8:33: 7 is not between 1 and 5",
        "m.yaml:8:54: 3 units hold up to 3 at once: say the total speed for each, 1 to 3",
        'm.yaml:9:8: unknown way to choose "longest_idel" (did you mean "longest_idle"?)',
        'm.yaml:10:9: unknown router "push_lest_open"; one of engine, push_least_open, push_round_robin or {tick: 5s} (did you mean "push_least_open"?)',
        'm.yaml:11:17: unknown skill "x"',
    ]


def test_a_warm_up_leaves_something_to_count() -> None:
    assert faults(SMALL + "arrivals: 10\nwarmup: 10\n") == [
        "m.yaml:4:9: of 10 arrivals nothing would be counted"
    ]


def test_steps_that_belong_to_nobody_are_a_fault() -> None:
    text = "classes: [{name: a, rate: 1, need: [x]}]\nagents: [{name: s, skills: {x: 1, y: 1}}]\nsteps: [{need: [y]}]\n"
    assert faults(text) == ["m.yaml:3:1: no class needs what these steps begin with"]


@pytest.mark.parametrize("section", ["classes", "agents"])
def test_a_model_has_customers_and_agents(section: str) -> None:
    kept = "\n".join(line for line in SMALL.splitlines() if not line.startswith(section))
    assert faults(f"{kept}\n{section}: []\n")


def test_sizes_are_bounded() -> None:
    classes = ", ".join(f"{{name: c{at}, rate: 1}}" for at in range(1_001))
    text = f"classes: [{classes}]\nagents: [{{name: s, count: 10000}}, {{name: t, count: 10000}}, {{name: u}}]\narrivals: 20000001\n"
    assert faults(text)[0].startswith("m.yaml:3:11: must be at most")
    assert faults(text.replace("20000001", "5")) == [
        "m.yaml:1:1: at most 1000 classes",
        "m.yaml:2:1: at most 20000 agents",
    ]


# --- values by hand ---


def test_values_are_set_by_name_and_by_number() -> None:
    overrides = (
        "classes.b.rate=2",
        "agents.0.count=3",
        "order=fifo",
        "seed=9",
        "places=4",
        "classes.b.patience=null",
    )
    model = model_of(SAMPLE.encode(), "m.yaml", overrides)
    assert model.kinds[1].patience == 0.0
    assert (model.kinds[1].rate, model.groups[0].count, model.order, model.seed, model.places) == (
        2.0,
        3,
        "fifo",
        9,
        4,
    )


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("order", "--set order: write it as KEY=VALUE, such as classes.a.rate=0.9"),
        ("classes.c.rate=1", '--set classes.c.rate=1: there is no "c"'),
        ("order.kind=1", '--set order.kind=1: "kind" leads nowhere: there is a single value'),
        ("agnets.s1.count=1", '--set agnets.s1.count=1: there is no "agnets" (did you mean "agents"?)'),
        ("oder=fifo", '--set oder=fifo: unknown key "oder" (did you mean "order"?)'),
    ],
)
def test_a_wrong_override_says_so(override: str, said: str) -> None:
    assert faults(SAMPLE, override) == [said]


# --- the command ---


def test_the_samples_of_the_documentation_run(tmp_path: Path) -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "routing.md").read_text("utf-8")
    samples = dict(re.findall(r"```yaml (model|volumes)\n(.*?)```", text, re.DOTALL))
    model, volumes = tmp_path / "model.yaml", tmp_path / "volumes.yaml"
    model.write_text(samples["model"], "utf-8")
    volumes.write_text(samples["volumes"], "utf-8")
    assert json.loads(parley("simulate", model, "--set", "arrivals=3000"))["overall"]["served"] > 500
    assert json.loads(parley("staff", volumes, "--set", "judge=500"))["hours"]["10:00"]["total"] > 10


def test_every_name_is_documented() -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "routing.md").read_text("utf-8")
    names = {
        name
        for entry in (ModelEntry, ClassEntry, AgentEntry, TickEntry, VolumesEntry, TargetEntry, DemandEntry)
        for name in entry.__struct_fields__
    }
    assert not [name for name in names | FIGURES if not re.search(rf"\b{name}\b", text)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "m.yaml"
    path.write_text(SAMPLE, "utf-8")
    return path


def test_it_prints_one_object_with_the_documented_names(file: Path) -> None:
    told = json.loads(parley("simulate", file))
    assert told.keys() == {"overall", "classes", "agents"}
    assert told["overall"].keys() == told["classes"]["a"].keys() == FIGURES
    assert told["agents"]["s2"].keys() == {"utilisation", "jain"}
    assert told["overall"]["arrivals"] == 2_700 == sum(one["arrivals"] for one in told["classes"].values())


def test_it_prints_a_table_and_draws(file: Path, tmp_path: Path) -> None:
    picture = tmp_path / "p.svg"
    said = parley("simulate", file, "--table", "--plot", picture, "--set", "classes.a.name=<a>").splitlines()
    assert said[0].split()[:3] == ["class", "arrivals", "served"]
    assert [line.split()[0] for line in said if line] == ["class", "<a>", "b", "all", "agents", "s1", "s2"]
    drawn = picture.read_text("utf-8")
    assert drawn.startswith("<svg xmlns=")
    assert "&lt;a&gt;" in drawn
    assert drawn.count("<polyline") > 4


def test_a_png_is_drawn_with_pillow(file: Path, tmp_path: Path) -> None:
    picture = tmp_path / "p.png"
    parley("simulate", file, "--plot", picture)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_faults_end_it_before_anything_runs(file: Path, tmp_path: Path) -> None:
    assert "FILE.svg or FILE.png" in parley("simulate", file, "--plot", tmp_path / "p.gif", code=2)
    assert "cannot be read" in parley("simulate", tmp_path / "none.yaml", code=2)
    assert 'unknown key "sead"' in parley("simulate", file, "--set", "sead=1", code=2)
    assert "cannot be written" in parley("simulate", file, "--plot", tmp_path / "no" / "p.svg", code=1)


# --- staff ---

VOLUMES = """\
target: {within: 20s, share: 0.8}
judge: 0
classes:
  - {name: spanish, service: 4, patience: 0.5, hours: {"09:00": 40, "10:00": 90}}
  - {name: billing, service: 6, hours: {"10:00": 60}}
"""


def test_staff_prints_agents_per_hour(tmp_path: Path) -> None:
    file = tmp_path / "v.yaml"
    file.write_text(VOLUMES, "utf-8")
    told = json.loads(parley("staff", file))["hours"]
    assert told["10:00"]["total"] == sum(team["agents"] for team in told["10:00"]["classes"].values()) == 17
    said = parley("staff", file, "--table", "--set", "target.share=0.95").splitlines()
    assert said[0].split() == ["hour", "spanish", "level", "billing", "level", "agents"]
    assert int(said[2].split()[-1]) > 17
    parley("staff", file, "--plot", tmp_path / "staff.png")
    assert (tmp_path / "staff.png").read_bytes().startswith(b"\x89PNG")


def test_faults_of_volumes_are_told_at_their_places(tmp_path: Path) -> None:
    file = tmp_path / "v.yaml"
    text = (
        VOLUMES.replace("judge: 0", "judge: 0\nskills: 2")
        .replace("billing", "spanish")
        .replace("60}", "6e6}")
    )
    file.write_text(text, "utf-8")
    assert [line.partition("v.yaml:")[2] for line in parley("staff", file, code=2).splitlines()] == [
        "2:8: no formula knows agents with several skills: let the simulation judge",
        '6:12: "spanish" stands here twice',
        "6:50: that is work for more than 5000 agents",
    ]
    file.write_text(VOLUMES.replace("share: 0.8", "share: 80"), "utf-8")
    assert "1:30: must be less than 1, is 80" in parley("staff", file, code=2)
    file.write_text("classes: []\n", "utf-8")
    assert "at least one" in parley("staff", file, code=2)


def test_a_warm_up_that_takes_all_the_minutes_is_told() -> None:
    text = SMALL + "minutes: 90\nwarmup: 90\n"
    assert faults(text) == ["m.yaml:4:9: in 90 minutes some 90 come: nothing would be counted"]
    assert model_of(text.replace("warmup: 90", "warmup: 80").encode(), "m.yaml").warmup == 80


def test_null_is_the_default() -> None:
    said = (
        "seed: null\nwarmup: null\nsteps: null\norder: null\npick: null\nrouter: null\ndistribution: null\n"
    )
    text = SMALL.replace("rate: 1", "rate: 1, service: null, need: null, steps: null")
    assert model_of((said + text).encode(), "m.yaml") == model_of(SMALL.encode(), "m.yaml")
    assert faults(SMALL.replace("rate: 1", "rate: null")) == ['m.yaml:1:11: the key "rate" is missing']
