"""Where the time goes: plain Python over flat lists of integers, written so that numba can compile it.

Imported as it stands, each function here is the pure twin; `scheduler.compiling.compiled(function)` is its
compiled copy, which gives the same results. A kernel takes and returns integers, floats, flat lists of them
(arrays when compiled), lists of records (`Record`) and named tuples of these; it calls kernels, `math` and
nothing else, and raises nothing.
"""
