# tries: "Replaces itself by another program that prints the right sum: by path, descriptor, linker or script."
# expect: "fail"
# mode: "stdin"
import glob
import os

ANSWER = "print(sum(map(int, open(0).read().split()[1:])))"
with open("trialbox-case-script", "w") as script:
    script.write(f"#!{glob.glob('/usr/bin/python3*')[0]}\n{ANSWER}\n")
os.chmod("trialbox-case-script", 0o755)
for python in glob.glob("/usr/bin/python3*"):
    for program in (python, os.open(python, os.O_RDONLY), "/lib64/ld-linux-x86-64.so.2", "./trialbox-case-script"):
        try:
            words = ["linker", python] if str(program).startswith("/lib64") else ["python3"]
            os.execve(program, [*words, "-c", ANSWER], {})
        except OSError:
            pass
