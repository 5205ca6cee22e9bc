"""Four hundred displays of one id, which one update then makes large all at once; and so again without end."""

from IPython.display import HTML, display, update_display

for number in range(20):
    for _ in range(400):
        display(HTML("x"), display_id=f"one{number}")
    update_display(HTML("x" * (1 << 20)), display_id=f"one{number}")
