"""Training, validation and publication of Tarozi's models.

The modules, in the order in which data passes through them:

- ``inputs``: what a model may read: keys, ranges, directions.
- ``data``: vectors and outcomes, and the guard in front of the test file.
- ``additive``: the one form of model that ships: a table per factor or pair.
- ``learn``: fits additive models; ``peers`` fits what they are compared with.
- ``calibrate``, ``metrics``, ``bands``: from margins to probabilities people can use.
- ``graph``, ``texts``, ``bundle``: ONNX, card, self-test, checksums.
- ``study``: the long runs, with their result tables.
"""
