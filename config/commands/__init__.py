"""The `parley` command's verbs, one file each: `add(parser)` declares the arguments, `run(args)` does it and gives the exit code.

A module here imports what its verb needs only when it runs, so that `parley version` starts in a blink.
"""
