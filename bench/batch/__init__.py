"""The batch door's measurements: files of rows, scored beside a bare loop and beside rivals."""
