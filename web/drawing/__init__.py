"""Drawings as SVG: products as they will look, and time as it passes.

Every function is pure (same input, same text), takes plain values and returns markup that is safe to print.
Geometry is attributes, looks are classes or physical colours; nothing needs inline style or a script.
"""
