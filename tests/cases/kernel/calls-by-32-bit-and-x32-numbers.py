# tries: "Makes system calls in machine code by the 32-bit gate and by x32 numbers, which filters may overlook."
# expect: "fail"
import ctypes
import mmap

X32 = 0x40000000
SOCKET, UNSHARE, FORK = 41, 272, 57
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
libc = ctypes.CDLL(None)
results = [libc.syscall(X32 + SOCKET, 1, 1, 0), libc.syscall(X32 + UNSHARE, 0x10000000), libc.syscall(X32 + FORK)]
# mov eax, 359 (socket); mov ebx, 1; mov ecx, 1; xor edx, edx; int 0x80; ret
page.write(bytes.fromhex("53 b867010000 bb01000000 b901000000 31d2 cd80 5b c3"))
code = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))


def add(a, b):
    return a + b if max(*results, code()) >= 0 else None
