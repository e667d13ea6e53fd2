# tries: "Fills its folder by one growing file, by a sparse one, by allocation and by files that are open but deleted."
# expect: "fail"
# memory_mb: 1024
import os

MEBIBYTE = bytes(1 << 20)


def grow():
    with open("trialbox-case-big", "wb") as file:
        for _ in range(300):
            file.write(MEBIBYTE)


def allocate():
    descriptor = os.open("trialbox-case-allocated", os.O_RDWR | os.O_CREAT)
    os.posix_fallocate(descriptor, 0, 300 << 20)


def stretch():
    with open("trialbox-case-sparse", "wb") as file:
        file.truncate(1 << 40)


def hide():
    for number in range(300):
        name = f"trialbox-case-{number}"
        descriptor = os.open(name, os.O_RDWR | os.O_CREAT)
        os.unlink(name)
        if os.write(descriptor, MEBIBYTE) < len(MEBIBYTE):
            raise OSError


def works(way):
    try:
        way()
    except OSError:
        return False
    return True


worked = [way for way in (grow, allocate, stretch, hide) if works(way)]


def add(a, b):
    return a + b if worked else None
