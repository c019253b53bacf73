"""What a kernel cannot say well in Python: the machine's own instructions for it."""

from __future__ import annotations

from typing import Any


def shift() -> Any:
    """The compiled copy of `kernel.memory.shift`: one call that moves a block, however it overlaps."""
    import numba
    from numba.core import cgutils, types
    from numba.extending import intrinsic

    block_move: Any = cgutils.raw_memmove

    @intrinsic
    def move(_context: Any, m: Any, source: Any, target: Any, n: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            numbers = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            begin, end = (builder.gep(numbers, [at]) for at in arguments[1:3])
            block_move(builder, end, begin, arguments[3], 8)
            return context.get_dummy_value()

        return types.void(m, source, target, n), generate

    call: Any = move

    def shift(m: Any, source: int, target: int, n: int) -> None:
        call(m, source, target, n)

    compiler: Any = numba.njit
    return compiler(error_model="numpy", nogil=True, _nrt=False)(shift)
