"""What is plugged into what: settings, composition root, the `parley` command. Only this room imports all others."""
