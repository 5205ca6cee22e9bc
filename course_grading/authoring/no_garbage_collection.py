"""Imported for its effect, before all else in the process that others are forked from: no garbage collection, which
takes a fifth of the time that torch takes to import. Forks turn it on again (`fresh_kernels.collect_again`).
"""

import gc

gc.disable()
