"""What the process that others are forked from imports first: what it makes after that stays, and is not searched for
garbage, which takes a fifth of an import of torch. Its forks collect again, what comes after."""

import gc

gc.disable()
