# tries: "Adds in multiprocessing's pool of threads, which starts no process."
# expect: "pass"
# classes: ["root", "user"]
# wasi_expect: ["runtime_error"]
# The guest has no threads.
# sem_open wants /dev/shm, which nothing can stand in for where nothing can be mounted.
from multiprocessing.dummy import Pool
from multiprocessing.pool import ThreadPool


def add(a, b):
    with Pool(2) as pool, ThreadPool(2) as other:
        return sum(pool.map(int, [a])) + other.apply(int, (b,))
