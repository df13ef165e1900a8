"""One module per sub-command: `add_arguments(parser)`, `run(arguments) -> exit code`. Light to import.

Exit codes: 0 done, 1 done with parts left out (named), 2 could not be done (one sentence on standard error).
"""
