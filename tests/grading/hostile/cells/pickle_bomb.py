"""Objects that run code when they are unpickled, copied, printed or compared."""

import pathlib


class Bomb:
    def __reduce_ex__(self, protocol):
        return (pathlib.Path("@COURSE@/hostile-was-here").write_text, ("bang",))

    __repr__ = __str__ = __eq__ = __len__ = __iter__ = __float__ = __call__ = __reduce_ex__


def corr2d(x, kernel):
    return Bomb()


positions = convolve2d = output_shape = corr2d
same_either_way = Bomb()
