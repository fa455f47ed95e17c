"""Runs that are killed, and runs that start at the same moment."""

import os
import random
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.homes import Home, finish

# Lines such as "   12.3 s  Publishing a new generation", one as each step begins.
_STEP = re.compile(r"^ +\d+\.\d s  ")
# Load, build, score, assign, explain, build, publish; a first run has the training beside them.
_STEPS_OF_A_NIGHT, _STEPS_OF_A_FIRST_RUN = 7, 11
# Within most steps; the last one, the publish itself, is short.
_LONGEST_DELAY_SECONDS, _LONGEST_DELAY_IN_LAST_STEP = 3.0, 0.5

# In the first build, in the second build, and while publishing.
SEEDS = (1, 19, 174)
SOAK_SEEDS = range(100, 150)


@dataclass(frozen=True)
class Kill:
    """What was seen right after a run was killed; no generation where none was published yet."""

    moment: str
    exit_code: int
    generation: str | None


def kill_at_random(home: Home, seed: int, *, steps_of_the_run: int) -> Kill:
    """Starts a run, kills it at a moment that ``seed`` decides, and verifies what is published then."""
    generator = random.Random(seed)
    step = generator.randint(1, steps_of_the_run)
    is_last = step == steps_of_the_run
    delay = generator.uniform(0, 1) * (_LONGEST_DELAY_IN_LAST_STEP if is_last else _LONGEST_DELAY_SECONDS)
    process = home.start()
    line = read_to_step(process, step)
    try:
        process.wait(timeout=delay)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    finish(process)
    generation = home.verify().generation if home.generation() else None
    return Kill(f"{delay:.2f} s after {line.strip()!r}", process.returncode, generation)


def read_to_step(process: subprocess.Popen[str], step: int) -> str:
    """The line that says that the step of this number begins."""
    assert process.stdout is not None
    for line in process.stdout:
        step -= bool(_STEP.match(line))
        if step == 0:
            return line
    return "its end"


@pytest.fixture(scope="module")
def killed(homes: Path, home: Home) -> tuple[Home, list[Kill]]:
    """Three runs on one installation, each killed somewhere, and then one that is left alone."""
    killed = home.copy(homes / "killed")
    kills = [kill_at_random(killed, seed, steps_of_the_run=_STEPS_OF_A_NIGHT) for seed in SEEDS]
    run = killed.run()
    assert run.exit_code == 0, (kills, run.output)
    return killed, kills


def test_every_kill_hit_a_living_run(killed):
    _, kills = killed
    assert [kill.exit_code for kill in kills] == [-signal.SIGKILL] * len(SEEDS), kills


def test_published_generation_is_old_or_new_after_every_kill(killed, home):
    """That it was whole was verified file by file right after each kill."""
    killed_home, kills = killed
    old, new = home.manifest().generation, killed_home.manifest().generation
    published = {path.name for path in killed_home.settings.published_folder.glob("[!.]*")} - {"current", new}
    assert {kill.generation for kill in kills} <= published
    assert kills[0].generation == old


def test_run_after_the_kills_publishes_what_an_undisturbed_one_does(killed, home):
    killed_home, _ = killed
    assert killed_home.content_hashes() == home.content_hashes()
    assert killed_home.verify().generation != home.manifest().generation


def test_run_after_the_kills_ends_the_records_of_the_dead_ones(killed):
    killed_home, _ = killed
    with killed_home.instance() as instance:
        assert [run.run_id for run in instance.get_runs() if not run.is_finished] == []
        assert instance.event_log_storage.get_concurrency_run_ids() == set()


def test_nothing_half_written_is_left(killed):
    killed_home, _ = killed
    published = killed_home.settings.published_folder
    assert [path.name for path in published.iterdir() if path.name.startswith((".draft", ".removed", ".current"))] == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", SOAK_SEEDS)
def test_nightly_run_killed_anywhere_is_made_good_by_the_next_one(tmp_path, home, seed):
    disturbed = home.copy(tmp_path / "home")
    kill_at_random(disturbed, seed, steps_of_the_run=_STEPS_OF_A_NIGHT)
    require_recovery(disturbed, home)


@pytest.mark.soak
@pytest.mark.parametrize("seed", SOAK_SEEDS)
def test_first_run_killed_anywhere_is_made_good_by_the_next_one(tmp_path, home, seed):
    disturbed = Home(tmp_path / "home", home.source)
    kill_at_random(disturbed, seed, steps_of_the_run=_STEPS_OF_A_FIRST_RUN)
    require_recovery(disturbed, home)


def require_recovery(disturbed: Home, undisturbed: Home) -> None:
    """One run, without a hand, brings what the undisturbed installation has published."""
    run = disturbed.run()
    assert run.exit_code == 0, run.output
    disturbed.verify()
    assert disturbed.content_hashes() == undisturbed.content_hashes()


def test_two_runs_at_once_both_succeed(rush):
    assert [run.exit_code for run in rush.runs] == [0, 0], [run.output for run in rush.runs]


def test_one_of_two_runs_waits_and_says_for_whom(rush):
    waiting = [re.search(r"Waiting for run [0-9a-f-]{36} in process \d+ to end", run.output) for run in rush.runs]
    assert len([match for match in waiting if match]) == 1


def test_readers_meet_no_error_during_two_runs(rush):
    assert [(reader.exit_code, reader.output) for reader in rush.readers] == [(0, ""), (0, "")]


def test_readers_see_whole_generations_in_their_order(rush, home):
    for seen in rush.seen:
        assert seen == sorted(seen)
        assert seen[0] == home.manifest().generation
        assert seen[-1] == rush.home.manifest().generation


def test_two_runs_at_once_publish_what_one_does(rush, home):
    assert rush.home.content_hashes() == home.content_hashes()
