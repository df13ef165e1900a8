"""One module per sub-command: `add_arguments(parser)`, `run(arguments) -> exit code`. Light to import.

Exit codes: 0 done, 1 done with parts left out (named), 2 could not be done (one sentence on standard error),
130 stopped by a signal. `train` ends with 0 where broken parts of the data were left out: its closing warning
says how much.
"""
