# tries: "Writes into every folder it can find outside its own, shared memory of the host included."
# expect: "fail"
# plant: {"/dev/shm/trialbox-case-canary": "canary-77aa\n", "/var/tmp/trialbox-case-canary": "canary-77ab\n"}
# wasi_expect: "pass"
# The guest has no file but its own: it may write everywhere, and the host has nothing of it.
import os

own = os.stat(".")
written = []
for folder, _, names in os.walk("/"):
    if not os.path.samestat(os.stat(folder), own):
        try:
            os.close(os.open(os.path.join(folder, "trialbox-case-written"), os.O_CREAT | os.O_WRONLY))
            written.append(folder)
        except OSError:
            pass
for name in ("/dev/shm/trialbox-case-canary", "/var/tmp/trialbox-case-canary"):
    if os.path.exists(name):
        written.append(name)
        os.remove(name)


def add(a, b):
    return a + b if written else None
