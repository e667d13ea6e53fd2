# The last lines of the guest: nothing of its own start is left to be collected or to be done by a program.

gc.collect()
gc.freeze()
