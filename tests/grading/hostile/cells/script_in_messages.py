"""What the function says about itself is meant for the reader's browser, and for whoever parses records."""

text = '<script>alert("hostile")</script><img src=x onerror=alert(1)>'


def corr2d(x, kernel):
    raise RuntimeError(text)


def positions(image_shape, kernel_shape):
    return text


output_shape = type(text, (), {})
