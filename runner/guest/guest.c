// The guest: CPython as a WASI reactor with the driver (runner/src/driver) in it. It is initialised once, by `prepare`; what
// its memory holds then is what every instance begins with.
// Not here: what a program is made to do (driver.c), the system that it runs on (runner/src/wasi), the snapshot (snapshot/).
// In: a job description that the host writes to this memory. Out: reply records, read by the host as hostile input.

#include <Python.h>

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "layout.h"

#define EXPORT(name) __attribute__((export_name(name), used))
#define IMPORT(name) __attribute__((import_module("trialbox"), import_name(name)))

// driver.h, in the words of Python.h.
PyObject *make_driver_module(void);
int drive(void);
void serve_programs(const char *version, size_t length);
void wait_for_word(void);
void measure(int32_t what);
uint64_t measured_ns(void);

extern const struct _frozen frozen_library[]; // frozen.c, made by freeze.py

// The Python parts, one after the other (build.sh).
static const char parts[] = {
#embed "parts.py"
    , 0};
// What `prepare` does last.
static const char settle[] = {
#embed "settle.py"
    , 0};

// ---- What the driver asks of its sandbox --------------------------------------------------------------------------------

IMPORT("wait") void host_wait(void);
IMPORT("begin") void host_begin(int32_t what);

void serve_programs(const char *version, size_t length) { (void)version, (void)length; } // `run` serves them
void wait_for_word(void) { host_wait(); }
void measure(int32_t what) { host_begin(what); }
uint64_t measured_ns(void) { return 0; } // the host measures

// ---- The areas --------------------------------------------------------------------------------------------------------

enum { WASM_PAGE_BYTES = 65536 };

static void place_areas(char *start, size_t job_bytes) {
    job_base = start;
    job = (const volatile struct job *)start;
    reply_base = start + ((job_bytes + HEADER_BYTES - 1) & ~(size_t)(HEADER_BYTES - 1));
    header = (volatile struct reply_header *)reply_base;
}

// Room for both areas, in memory that nothing has touched. 0 where there is none.
EXPORT("areas") char *areas(size_t job_bytes, size_t reply_bytes) {
    uint64_t wanted = (uint64_t)job_bytes + HEADER_BYTES + reply_bytes, pages = (wanted + WASM_PAGE_BYTES - 1) / WASM_PAGE_BYTES;
    size_t before = pages < 65536 ? __builtin_wasm_memory_grow(0, (size_t)pages) : SIZE_MAX;
    if (before == SIZE_MAX) return NULL;
    place_areas((char *)(before * WASM_PAGE_BYTES), job_bytes);
    return (char *)job_base;
}

EXPORT("run") int run(void) {
    header->phase = PHASE_STARTED;
    return drive();
}

// ---- Preparing --------------------------------------------------------------------------------------------------------

static void check(PyStatus status) {
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
}

static void text(PyConfig *config, wchar_t **field, const wchar_t *value) { check(PyConfig_SetString(config, field, value)); }

// Nothing is asked of a file system or an environment: all that getpath.py would look for is said.
static void initialise(void) {
    PyImport_FrozenModules = frozen_library;
    PyPreConfig before;
    PyPreConfig_InitIsolatedConfig(&before);
    before.utf8_mode = 1;
    check(Py_PreInitialize(&before));
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.use_hash_seed = 1;
    config.hash_seed = 0;
    config.site_import = 0;
    config.write_bytecode = 0;
    config.use_frozen_modules = 1;
    config.install_signal_handlers = 0;
    config.pathconfig_warnings = 0;
    config.module_search_paths_set = 1;
    text(&config, &config.program_name, L"python3");
    text(&config, &config.executable, L"");
    text(&config, &config.base_executable, L"");
    text(&config, &config.prefix, L"/usr");
    text(&config, &config.base_prefix, L"/usr");
    text(&config, &config.exec_prefix, L"/usr");
    text(&config, &config.base_exec_prefix, L"/usr");
    text(&config, &config.stdlib_dir, L"");
    check(Py_InitializeFromConfig(&config));
    PyConfig_Clear(&config);
}

static void perform(const char *source, PyObject *names) {
    PyObject *done = PyRun_String(source, Py_file_input, names, names);
    if (!done) {
        PyErr_Print();
        _exit(1);
    }
    Py_DECREF(done);
}

// Drives a program as the host would have it: see settle.py.
static void warm_up(void) {
    static const char source[] = "def f(a):\n    return [len(a), {a: (1.5, None, 2**70)}] if a else a[0]\n", entry[] = "f", input[] = "[\1\0\0\0u\1\0\0\0a";
    static _Alignas(HEADER_BYTES) char area[17 * HEADER_BYTES];
    enum { INPUTS = 30 };
    struct job *wanted = (struct job *)area;
    struct span *spans = (struct span *)(wanted + 1);
    char *at = (char *)(spans + INPUTS);
    *wanted = (struct job){.mode = MODE_CALLS, .input_count = INPUTS, .source_length = sizeof source - 1, .reply_bytes = 16 * HEADER_BYTES};
    const struct { const char *bytes; size_t length; } pieces[] = {{source, sizeof source}, {entry, sizeof entry}, {input, sizeof input - 1}};
    uint64_t offsets[3];
    for (int i = 0; i < 3; i++) {
        offsets[i] = (uint64_t)(at - area);
        memcpy(at, pieces[i].bytes, pieces[i].length);
        at += pieces[i].length;
    }
    wanted->source_offset = offsets[0], wanted->entry_offset = offsets[1], wanted->index_offset = sizeof *wanted;
    for (int i = 0; i < INPUTS; i++) spans[i] = (struct span){offsets[2], pieces[2].length};
    place_areas(area, HEADER_BYTES);
    run();
    memset(area, 0, sizeof area);
}

// CPython's small objects lie in pools, one page each, of one size. The holes in them are filled, for good: what a program
// makes then lies in pages of its own and not everywhere among what the start has made, which costs an instance a page each.
static void fill_holes(void) {
    enum { ALIGNMENT = 8, LARGEST = 512, POOL_BYTES = 4096 };
    for (size_t size = ALIGNMENT; size <= LARGEST; size += ALIGNMENT) {
        char *block;
        do block = PyObject_Malloc(size);
        while (block && *(uint32_t *)((uintptr_t)block & ~(uintptr_t)(POOL_BYTES - 1)) != 1); // a pool begins with how many it holds
        PyObject_Free(block);
    }
}

EXPORT("prepare") void prepare(void) {
    chdir("/tmp");
    initialise();
    PyObject *names = PyModule_GetDict(PyImport_AddModule("__main__")), *native = make_driver_module();
    Py_INCREF(names); // for good: the driver's functions live in it
    if (!native || PyDict_SetItemString(names, "native", native)) _exit(1);
    Py_DECREF(native);
    perform(parts, names);
    warm_up();
    perform(settle, names);
    fill_holes();
}
