# tries: "Writes one endless line by the raw call, ignoring every refusal."
# expect: ["output_limit", "time_limit"]
# mode: "stdin"
# time_s: 1
import os

while True:
    try:
        os.write(1, b"9" * (1 << 20))
    except OSError:
        pass
