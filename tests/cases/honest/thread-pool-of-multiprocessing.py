# tries: "Adds in multiprocessing's pool of threads, which starts no process."
# expect: "pass"
from multiprocessing.dummy import Pool
from multiprocessing.pool import ThreadPool


def add(a, b):
    with Pool(2) as pool, ThreadPool(2) as other:
        return sum(pool.map(int, [a])) + other.apply(int, (b,))
