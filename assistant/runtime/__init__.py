"""The async shell: runs the turn, with every blocking library in a thread."""
