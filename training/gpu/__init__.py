"""Training on a GPU machine that is reached a command at a time; see README.md."""
