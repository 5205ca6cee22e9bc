"""Explorers: small widgets with one idea each, computed in the browser and in step with Python.

A new one is three files and a line: static/NAME.js, an ES module that takes what it needs from the shared ones
(drawing, numbers, convolution, explorer) and exports `{ render }`; static/NAME.css beside the shared explorer.css;
NAME.py, a class derived from `Explorer` with its traits and `static()`; and its name in course_utils/__init__.py.
"""
