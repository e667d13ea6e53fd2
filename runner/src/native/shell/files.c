// Preloaded into what runs in a shell's sandbox, where there is no /proc: /dev/stdin, /dev/stdout, /dev/stderr and /dev/fd/N are
// the descriptors themselves, as on every host. Bash needs them for `<(command)`.
// Not here: any wall. A program that goes without this library finds no such files, and that is all.
// In: a path. Out: a copy of the descriptor that it names; any other path goes on to the kernel.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OURS __attribute__((visibility("default")))

// -1 where the path names no descriptor.
static int named(const char *path) {
    if (!path || strncmp(path, "/dev/", 5)) return -1;
    path += 5;
    if (!strcmp(path, "stdin")) return 0;
    if (!strcmp(path, "stdout")) return 1;
    if (!strcmp(path, "stderr")) return 2;
    if (strncmp(path, "fd/", 3) || !path[3]) return -1;
    int number = 0;
    for (path += 3; *path; path++) {
        if (*path < '0' || *path > '9' || number > 1 << 16) return -1;
        number = number * 10 + (*path - '0');
    }
    return number;
}

static int opened(int folder, const char *path, int flags, mode_t mode) {
    int number = named(path);
    if (number < 0) return (int)syscall(SYS_openat, folder, path, flags, mode);
    return fcntl(number, flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
}

static mode_t mode_in(int flags, va_list rest) {
    return flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? va_arg(rest, mode_t) : 0;
}

#define OPEN(name, folder, ...)                               \
    OURS int name(__VA_ARGS__, int flags, ...) {              \
        va_list rest;                                         \
        va_start(rest, flags);                                \
        mode_t mode = mode_in(flags, rest);                   \
        va_end(rest);                                         \
        return opened(folder, path, flags, mode);             \
    }
OPEN(open, AT_FDCWD, const char *path)
OPEN(open64, AT_FDCWD, const char *path)
OPEN(openat, folder, int folder, const char *path)
OPEN(openat64, folder, int folder, const char *path)
OURS int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode); }
OURS int creat64(const char *path, mode_t mode) { return creat(path, mode); }

static int flags_of(const char *mode) {
    int flags = *mode == 'r' ? O_RDONLY : *mode == 'w' ? O_WRONLY | O_CREAT | O_TRUNC : O_WRONLY | O_CREAT | O_APPEND;
    for (const char *at = mode + 1; *at && *at != ','; at++) {
        if (*at == '+') flags = (flags & ~O_ACCMODE) | O_RDWR;
        if (*at == 'x') flags |= O_EXCL;
        if (*at == 'e') flags |= O_CLOEXEC;
    }
    return flags;
}

static FILE *stream(const char *path, const char *mode) {
    int fd = opened(AT_FDCWD, path, flags_of(mode), 0666);
    FILE *file = fd < 0 ? NULL : fdopen(fd, mode);
    if (fd >= 0 && !file) close(fd);
    return file;
}

// The stream keeps its descriptor, which becomes another file: all that sort, uniq and their like ask for.
static FILE *stream_again(const char *path, const char *mode, FILE *file) {
    int number = fileno(file);
    fflush(file);
    if (!path) return file;
    int fd = opened(AT_FDCWD, path, flags_of(mode), 0666);
    if (fd < 0) return NULL;
    if (fd != number) {
        int error = dup2(fd, number) < 0 ? errno : 0;
        close(fd);
        if (error) {
            errno = error;
            return NULL;
        }
    }
    clearerr(file);
    return file;
}
OURS FILE *freopen(const char *path, const char *mode, FILE *file) { return stream_again(path, mode, file); }
OURS FILE *freopen64(const char *path, const char *mode, FILE *file) { return stream_again(path, mode, file); }
OURS FILE *fopen(const char *path, const char *mode) { return stream(path, mode); }
OURS FILE *fopen64(const char *path, const char *mode) { return stream(path, mode); }

static int looked_at(int folder, const char *path, struct stat *about, int flags) {
    int number = named(path);
    if (number >= 0) return (int)syscall(SYS_fstat, number, about);
    return (int)syscall(SYS_newfstatat, folder, path, about, flags);
}
#define STAT(name, type, flags) \
    OURS int name(const char *path, type *about) { return looked_at(AT_FDCWD, path, (struct stat *)about, flags); }
STAT(stat, struct stat, 0)
STAT(stat64, struct stat64, 0)
STAT(lstat, struct stat, AT_SYMLINK_NOFOLLOW)
STAT(lstat64, struct stat64, AT_SYMLINK_NOFOLLOW)
OURS int fstatat(int folder, const char *path, struct stat *about, int flags) { return looked_at(folder, path, about, flags); }
OURS int fstatat64(int folder, const char *path, struct stat64 *about, int flags) {
    return looked_at(folder, path, (struct stat *)about, flags);
}

OURS int statx(int folder, const char *restrict path, int flags, unsigned mask, struct statx *restrict about) {
    int number = named(path);
    if (number >= 0) return (int)syscall(SYS_statx, number, "", flags | AT_EMPTY_PATH, mask, about);
    return (int)syscall(SYS_statx, folder, path, flags, mask, about);
}
// Of older programs.
OURS int __xstat(int version, const char *path, struct stat *about) { (void)version; return looked_at(AT_FDCWD, path, about, 0); }
OURS int __xstat64(int version, const char *path, struct stat *about) { (void)version; return looked_at(AT_FDCWD, path, about, 0); }
OURS int __lxstat(int version, const char *path, struct stat *about) { (void)version; return looked_at(AT_FDCWD, path, about, AT_SYMLINK_NOFOLLOW); }
OURS int __lxstat64(int version, const char *path, struct stat *about) { (void)version; return looked_at(AT_FDCWD, path, about, AT_SYMLINK_NOFOLLOW); }

// A descriptor may be used by whoever has it.
static int allowed(int folder, const char *path, int mode, int flags) {
    int number = named(path);
    if (number >= 0) return fcntl(number, F_GETFD) < 0 ? -1 : 0;
    return (int)(flags ? syscall(SYS_faccessat2, folder, path, mode, flags) : syscall(SYS_faccessat, folder, path, mode));
}
OURS int access(const char *path, int mode) { return allowed(AT_FDCWD, path, mode, 0); }
OURS int faccessat(int folder, const char *path, int mode, int flags) { return allowed(folder, path, mode, flags); }
// The effective user is the real one.
OURS int eaccess(const char *path, int mode) { return allowed(AT_FDCWD, path, mode, 0); }
OURS int euidaccess(const char *path, int mode) { return allowed(AT_FDCWD, path, mode, 0); }
