"""The shell commands: `shell` reads them, and one module a command states its options and its work."""
