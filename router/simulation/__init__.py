"""Generated traffic through the engine that serves, in virtual time: what `parley simulate` runs. Nothing here reads a file or a clock.

`entries` is the model as written, `checking` makes a `model` of it, `run` plays it with a router of `ports` (`serving`: the engine;
`peers`: others' algorithms), `tally` keeps what happened, `report` says it.
"""
