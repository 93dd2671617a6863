"""Each solver is a file or folder; `methods` names them, `contract` says what one is, `course` is their loop."""
