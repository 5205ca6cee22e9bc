"""A second bank, written when the hints had been tuned to the first, from the released lessons and the design.

Each mistake goes by the catalogue's own name, so that a wrong name is seen as well as a missing one. Its writer knew
these names, but neither hints nor spellings. What the checks said of it before anything was tuned to it:

| lesson | mistakes | named rightly | wrongly | right answers | refused | wrong answers | accepted |
| :----- | -------: | ------------: | ------: | ------------: | ------: | ------------: | -------: |
| 1      |       42 |    42 (100 %) |       0 |             9 |       0 |            48 |        0 |
| 2      |       61 |     57 (93 %) |       3 |            12 |       0 |            63 |        0 |
| 3      |       54 |    54 (100 %) |       0 |             8 |       0 |            55 |        0 |
| 4      |       58 |    58 (100 %) |       0 |             7 |       0 |            60 |        0 |
| 5      |       46 |     42 (91 %) |       3 |             7 |       0 |            47 |        0 |
| 6      |       44 |     42 (95 %) |       1 |             5 |       0 |            45 |        0 |
| 7      |       50 |     48 (96 %) |       2 |             8 |       0 |            50 |        0 |
| 8      |       49 |     45 (92 %) |       0 |            10 |       0 |            50 |        0 |
| all    |      404 |    388 (96 %) |       9 |            66 |       0 |           418 |        0 |

Of the nine wrong names one was the checks' (left and top swapped, with signs of one's own, taken for lines); in the
others the bank had not said what the answer does, and the name given was the better one: it stands in the bank now.

Five more answers have right numbers by `unfold` or `sliding_window_view`, which those exercises forbid.
"""
