"""Makes ``python -m assistant`` the same as ``assistant``."""

import sys

from assistant.cli import main

sys.exit(main())
