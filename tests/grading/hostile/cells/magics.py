"""Magics that reset, capture, run shells and load extensions."""

get_ipython().run_line_magic("xmode", "Minimal")
get_ipython().run_cell_magic("capture", "out", "print(1)")
get_ipython().run_line_magic("load_ext", "autoreload")
get_ipython().run_cell_magic(
    "bash", "", "echo 4.0; kill -9 $PPID; cat @COURSE@/gradebook.db; touch @COURSE@/hostile-was-here"
)
get_ipython().system("ls @COURSE@/submitted; echo 4.0")
get_ipython().run_line_magic("reset", "-f")
