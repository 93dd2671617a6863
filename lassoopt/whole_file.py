"""`whole_file` puts files in place whole, or not at all: certificates, figures, animations."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import sys
from contextlib import suppress
from pathlib import Path


def put(path: Path, content: bytes) -> None:
    """Write a file so that a reader finds either what was there before or all of the new content.

    The content goes into a new file of a random name in the same folder, which then takes the place of the old one: a
    full disk, Ctrl-C or a second writer leave no half of a file, and of several writers the last one wins. A link is
    followed, and stays; the file it leads to keeps its mode and, where the system allows it, its owner; a new file gets
    the mode that any new file gets. What is no regular file (a pipe, a device, as ``/dev/stdout``) cannot be replaced,
    so the content is written into it.

    Raises
    ------
    OSError
        If the content cannot be written; the folder is then as it was.
    """
    try:
        found = path.stat()
    except FileNotFoundError:  # nothing is there, or a link to nothing
        _replace(Path(os.path.realpath(path)), content, None)
        return
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    stream = _own_stream(found)
    if stream is not None:
        with open(stream, "wb", closefd=False) as file:
            file.write(content)
    elif not stat.S_ISREG(found.st_mode):
        with open(path, "wb") as file:
            file.write(content)
    elif not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    else:
        _replace(Path(os.path.realpath(path)), content, found)


def _own_stream(found: os.stat_result) -> int | None:
    """Return the descriptor of standard output or error if it is this file; new text goes behind what it holds."""
    for descriptor, stream in ((1, sys.stdout), (2, sys.stderr)):
        with suppress(OSError):  # closed
            if os.path.samestat(found, os.fstat(descriptor)):
                print(end="", file=stream, flush=True)
                return descriptor
    return None


def _replace(target: Path, content: bytes, old: os.stat_result | None) -> None:
    """Put a new file in the place of ``old``, or where there is none."""
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            if old is not None:
                if hasattr(os, "chown"):
                    with suppress(PermissionError):  # only root may give a file away
                        os.chown(temporary, old.st_uid, old.st_gid)
                os.chmod(temporary, stat.S_IMODE(old.st_mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # the new name must not reach the disk before the content does
        os.replace(temporary, target)
    except BaseException:  # Ctrl-C, too
        temporary.unlink(missing_ok=True)
        raise
