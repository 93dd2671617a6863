"""Files are put in place whole or not at all: through links, with their mode, into pipes and devices, by many."""

from __future__ import annotations

import errno
import json
import os
import resource
import stat
import threading
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import lassoopt as lo
from lassoopt.cli.shell import main
from lassoopt.teaching import lessons

CERTIFICATE = lo.solve(lo.Problem(np.random.default_rng(0).normal(size=(20, 3)), np.arange(20.0), 0.1)).certificate


def whole(path):
    return json.loads(Path(path).read_text())["format"] == "lassoopt certificate"


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("seed", range(40))
def test_links_are_followed_and_modes_stay(tmp_path, seed):
    """A chain of 0 to 3 links, relative or not, in one folder or two, to a file that is there or not."""
    rng = np.random.default_rng(seed)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    chain = [tmp_path / str(rng.choice(["a", "b"])) / f"c{k}.json" for k in range(int(rng.integers(1, 5)))]
    for link, to in pairwise(chain):
        link.symlink_to(to if rng.random() < 0.5 else os.path.relpath(to, link.parent))
    real, old = chain[-1], rng.random() < 0.5
    mode, umask = int(rng.choice([0o600, 0o640, 0o644, 0o664, 0o755])), int(rng.choice([0o022, 0o077, 0o002]))
    others = [path.with_name(path.name + end) for path in chain for end in (".partial", ".tmp", "~")]
    for path in [*others, real] if old else others:
        path.write_text("mine")
    if old:
        real.chmod(mode)
    before, expected = names(tmp_path), {*names(tmp_path), str(real.relative_to(tmp_path))}
    previous = os.umask(umask)
    try:
        CERTIFICATE.save(chain[0])
    finally:
        os.umask(previous)
    assert set(names(tmp_path)) == expected >= set(before)
    assert all(link.is_symlink() for link in chain[:-1])
    assert not real.is_symlink()
    assert whole(real)
    assert stat.S_IMODE(real.stat().st_mode) == (mode if old else 0o666 & ~umask)
    assert all(path.read_text() == "mine" for path in others)


def test_a_pipe_stays_a_pipe(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    CERTIFICATE.save(pipe)
    reader.join(timeout=10)
    CERTIFICATE.save(tmp_path / "file")
    assert read == [(tmp_path / "file").read_bytes()]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def node(path, minor):
    """A device like /dev/null (3) or /dev/full (7), in a folder where it may be destroyed."""
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, minor))
        path.open("wb").close()
    except OSError:
        pytest.skip("no devices can be made here")


@pytest.mark.parametrize("linked", [False, True])
def test_a_device_stays_a_device(tmp_path, linked):
    null, full = tmp_path / "null", tmp_path / "full"
    node(null, 3)
    node(full, 7)
    if linked:
        (tmp_path / "link").symlink_to("null")
    CERTIFICATE.save(tmp_path / "link" if linked else null)
    with pytest.raises(lo.InputError, match="could not be written: No space left"):
        CERTIFICATE.save(full)
    assert all(stat.S_ISCHR(path.stat().st_mode) for path in (null, full))
    assert len(names(tmp_path)) == 2 + linked


@pytest.mark.skipif(not os.path.exists("/proc/self/fd/1"), reason="no /proc here")
def test_standard_output_is_written_where_it_stands(tmp_path, capfd):
    """By a link like /dev/stdout, in a folder where it may be destroyed."""
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    print("before")
    CERTIFICATE.save(tmp_path / "stdout")
    print("after")
    out = capfd.readouterr().out
    assert out.startswith("before\n{\n")
    assert out.endswith("}\nafter\n")
    assert (tmp_path / "stdout").is_symlink()


def test_what_cannot_be_written_is_one_error(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("pool")
    (tmp_path / "pool").symlink_to("loop")
    (tmp_path / "lost").symlink_to("no/where")
    before = names(tmp_path)
    for name, words in (("folder", "Is a directory"), ("loop", "symbolic links"), ("lost", "No such file")):
        with pytest.raises(lo.InputError, match=f"could not be written: .*{words}"):
            CERTIFICATE.save(tmp_path / name)
    for path in ("", "\0", 3, None):
        with pytest.raises(lo.InputError, match="could not be written"):
            CERTIFICATE.save(path)
    assert names(tmp_path) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_file_is_not_replaced(tmp_path):
    (tmp_path / "c").write_text("mine")
    (tmp_path / "c").chmod(0o444)
    with pytest.raises(lo.InputError, match="Permission denied"):
        CERTIFICATE.save(tmp_path / "c")


def test_many_writers_do_not_trip_over_each_other(tmp_path):
    path, failed = tmp_path / "c", []

    def work():
        try:
            for _ in range(10):
                CERTIFICATE.save(path)
                assert whole(path)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert names(tmp_path) == ["c"]


@pytest.mark.parametrize("old", [False, True])
def test_a_file_that_grows_too_large_leaves_nothing_behind(tmp_path, old):
    """The limit on a file's size fails in the middle of writing, as a full disk does."""
    if old:
        (tmp_path / "c").write_text("mine")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(lo.InputError, match="File too large"):
            CERTIFICATE.save(tmp_path / "c")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"] * old


@pytest.mark.parametrize("step", ["fsync", "replace", "chmod"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), KeyboardInterrupt()])
def test_failure_and_ctrl_c_at_any_step_leave_what_was_there(tmp_path, monkeypatch, step, error):
    (tmp_path / "c").write_text("mine")

    def fails(*arguments):
        raise error

    monkeypatch.setattr(os, step, fails)
    with pytest.raises((lo.InputError, KeyboardInterrupt)):
        CERTIFICATE.save(tmp_path / "c")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


SCRIPT = """# # Lesson 1: small
#
# **Question.** Is it?

import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation

moving = plt.figure("moving")
picture = FuncAnimation(moving, lambda k: [], frames=2)
"""


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), KeyboardInterrupt()])
def test_a_figure_that_is_interrupted_leaves_no_file(tmp_path, monkeypatch, error):
    script, real, calls = tmp_path / "01_small.py", Figure.savefig, []
    script.write_text(SCRIPT)

    def savefig(figure, *arguments, **options):
        real(figure, *arguments, **options)
        calls.append(1)
        if len(calls) == stop:
            raise error

    monkeypatch.setattr(Figure, "savefig", savefig)
    for stop, left in ((1, []), (2, []), (3, ["01-picture.gif"]), (9, ["01-moving.png", "01-picture.gif"])):
        calls.clear()
        folder = tmp_path / f"out{stop}"
        try:
            list(lessons.save(lessons.Lesson.of(script), folder))
        except (KeyboardInterrupt, lo.InputError):
            assert stop < 9
        assert names(folder) == left


def test_figures_go_through_links_too(tmp_path):
    script = tmp_path / "01_small.py"
    script.write_text(SCRIPT)
    (tmp_path / "out").mkdir()
    for name in ("01-picture.gif", "01-moving.png"):
        (tmp_path / "out" / name).symlink_to(f"../real-{name}")
    written = list(lessons.save(lessons.Lesson.of(script), tmp_path / "out"))
    assert len(written) == 2
    assert all(path.is_symlink() for path in written)
    assert (tmp_path / "real-01-picture.gif").read_bytes()[:3] == b"GIF"
    assert (tmp_path / "real-01-moving.png").read_bytes()[1:4] == b"PNG"


def test_the_command_line_writes_through_a_link(tmp_path, capsys):
    (tmp_path / "link").symlink_to("real")
    assert main(["solve", "--certificate", str(tmp_path / "link")]) == 0
    assert (tmp_path / "link").is_symlink()
    assert whole(tmp_path / "real")
