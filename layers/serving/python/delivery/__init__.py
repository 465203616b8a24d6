"""The batch contract: a file that lands in the inbox becomes one scored file and one manifest.

It knows storage only as the ports in `store`; the score function brings S3.
"""
