"""The file formats: how files of rows are cut into blocks, scored, and written again.

They know bytes only as the ports in `source`, and nothing of jobs or storage.
"""
