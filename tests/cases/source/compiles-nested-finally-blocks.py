# tries: "Unfolds in the compiler: finally-blocks nested so that each level is compiled twice."
# expect: "fail"
# memory_mb: 128
# time_s: 1
LEVELS = 19
lines = [line for level in range(LEVELS) for line in (" " * level + "try: pass", " " * level + "finally:")]
source = "\n".join([*lines, " " * LEVELS + "pass"])
while True:
    compile(source, "finally", "exec")
