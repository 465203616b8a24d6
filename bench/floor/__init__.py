"""The floor: what a good engineer writes by hand when nothing but speed is asked."""
