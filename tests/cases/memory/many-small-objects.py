# tries: "Keeps small objects by the million until there is no memory."
# expect: ["memory_limit", "runtime_error"]
# memory_mb: 128
# time_s: 10
def add(a, b):
    kept = []
    while len(kept) < 50_000_000:
        kept.append([len(kept)])
    return a + b
