"""A local Ray cluster of a head and three nodes: a pool of daemons, of which one node is killed on the way.

Out: whether every verdict arrived once and right, and CPU-fair throughput of the pool and of daemons driven directly.
"""

import json
import threading
import time

import ray
from ray.cluster_utils import Cluster

import trialbox
import trialbox.ray

JOBS = 6_000
ADD = "def add(a, b):\n    return a {} b\n"


def jobs(count, salt):
    """Programs that differ, so that none is known from another: even ones are right."""
    for place in range(count):
        program = f"x = {place}, {salt!r}\n" + ADD.format("-+"[place % 2 == 0])
        yield {"id": str(place), "tests": ["assert add(1, 2) == 3", "assert add(5, 5) == 10"], "code": program}


def judged_directly(urls, count, salt):
    """The same jobs, a third each, by clients that know nothing of Ray; two requests at once each, as the pool has."""
    work, lock, found = iter(batches(count, salt)), threading.Lock(), []

    def drive(url):
        with trialbox.Client(url, batch=1 << 20) as client:
            while True:
                with lock:
                    batch = next(work, None)
                if batch is None:
                    return
                found.extend(client.verify(batch))

    threads = [threading.Thread(target=drive, args=(url,)) for url in urls for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def batches(count, salt):
    every = list(jobs(count, salt))
    return [every[at : at + trialbox.ray.BATCH] for at in range(0, count, trialbox.ray.BATCH)]


def timed(act, *given):
    begun = time.perf_counter()
    found = act(*given)
    return time.perf_counter() - begun, found


def throughput():
    """Seconds of the pool, and of as many daemons driven directly, in turn."""
    options = ["--cache", "off"]
    with trialbox.ray.VerifierPool(nodes=3, workers=1, options=options) as pool:
        daemons = [trialbox.serve(workers=1, options=options) for _ in range(3)]
        urls = [daemon.url for daemon in daemons]
        pool.verify(jobs(300, "warm"))
        judged_directly(urls, 300, "warm too")
        pairs = []
        for turn in range(4):
            pool_s, rows = timed(pool.verify, jobs(JOBS, f"pool {turn}"))
            direct_s, others = timed(judged_directly, urls, JOBS, f"direct {turn}")
            assert len(rows) == len(others) == JOBS
            pairs.append([pool_s, direct_s])
        for daemon in daemons:
            daemon.close()
    return pairs


def killed(cluster, nodes):
    """Every verdict of a run in which a node dies that has work in flight."""
    with trialbox.ray.VerifierPool(nodes=3, workers=1, options=["--cache", "off"]) as pool:
        found, count = {}, 0
        for _, rows in pool.verify_batches(jobs(2 * JOBS, "killed")):
            for row in rows:
                assert row.index not in found, row
                found[row.index] = row
            count += 1
            if count == 10:
                cluster.remove_node(nodes[0], allow_graceful=False)
        wrong = [row.index for row in found.values() if row.passes != (row.index % 2 == 0)]
        named = all(row.id == str(row.index) for row in found.values())
    return {"verdicts": len(found), "wrong": wrong, "named": named, "nodes": nodes_left(3)}


def nodes_left(expected):
    """How many nodes the cluster counts, once it has seen that one has died."""
    for _ in range(120):
        alive = sum(node["Alive"] for node in ray.nodes())
        if alive == expected:
            break
        time.sleep(0.5)
    return alive


def mapped():
    """Ray Data."""
    rows = [{"id": job["id"], "job": job} for job in jobs(200, "data")]
    dataset = ray.data.from_items(rows).map_batches(trialbox.ray.Verify, concurrency=1, batch_size=64)
    return sorted((int(row["id"]), row["verdict"]) for row in dataset.take_all())


def main():
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    nodes = [cluster.add_node(num_cpus=2) for _ in range(3)]
    cluster.wait_for_nodes()
    ray.init(address=cluster.address, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    told = {"pairs": throughput(), "killed": killed(cluster, nodes)}
    data = mapped()
    told["data"] = [len(data), all(verdict == ("pass" if at % 2 == 0 else "wrong_answer") for at, verdict in data)]
    ray.shutdown()
    cluster.shutdown()
    print(json.dumps(told))


if __name__ == "__main__":
    import ray.data

    main()
