"""Explorers: small widgets with one idea each, computed in the browser and in step with Python.

A new one is static/NAME.js, a class derived from `Explorer` of static/explorer.js, which takes what it needs from the
shared modules; static/NAME.css beside the shared explorer.css, each rule of it begins with `.course-explorer.NAME`, as
the shared rules come once more with every explorer on the page; NAME.py, a class derived from `Explorer` of explorer.py
with its traits and `static()`. Where else its name must stand, CONTRIBUTING.md says.

What they share: explorer (root, stage, link to Python, live text), cursor (a position: hover, drag, pin, keys), player
(a film), editable_grid (typing), grid (numbers in cells), scales (colours that stay), controls, drawing, numbers,
convolution; in Python explorer.py, grid.py (tensors as traits) and still.py (pictures without a browser).
"""
