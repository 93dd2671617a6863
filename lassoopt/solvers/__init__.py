"""The solvers: `methods` names them, `contract` says what one is, `course` is the loop they share."""
