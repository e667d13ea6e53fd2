// The C part of the warm parent: forks one child per candidate and drives the candidate's code in the child.
// Not here: what every warm parent has (parent.c); namespaces, cgroups, limits' values, and every decision (the supervisor,
// in Rust; `wire.rs` has the layouts).
// In: job descriptions in shared memory that is read-only here. Out: reply records in shared memory, read by the
// supervisor as hostile input: once the candidate's code has begun, nothing that this process says is believed.
//
// CPython's stable functions are declared by hand, so that no Python headers are needed and one build serves every
// CPython from 3.9 on (with a GIL).

#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "parent.h"

// ---- CPython ------------------------------------------------------------------------------------------------------

typedef ptrdiff_t Py_ssize_t;
typedef struct PyObject { Py_ssize_t refcount; void *type; } PyObject;
typedef struct { PyObject base; void *init; Py_ssize_t index; PyObject *copy; } ModuleDefBase;
typedef struct { const char *name; PyObject *(*function)(PyObject *, PyObject *); int flags; const char *doc; } MethodDef;
typedef struct {
    ModuleDefBase base;
    const char *name, *doc;
    Py_ssize_t size;
    MethodDef *methods;
    void *slots, *traverse, *clear, *free;
} ModuleDef;

extern char PyLong_Type[], PyFloat_Type[], PyComplex_Type[], PyUnicode_Type[], PyBytes_Type[], PyByteArray_Type[], PyTuple_Type[], PyList_Type[],
    PyDict_Type[], PySet_Type[], PyFrozenSet_Type[], PyBool_Type[];
extern PyObject _Py_NoneStruct, _Py_TrueStruct, _Py_FalseStruct, _Py_EllipsisObject;
extern PyObject *PyExc_SystemExit, *PyExc_OverflowError;
extern int PyType_IsSubtype(void *, void *);
extern void Py_IncRef(PyObject *), Py_DecRef(PyObject *);
extern PyObject *PyModule_Create2(ModuleDef *, int);
extern int PyArg_ParseTuple(PyObject *, const char *, ...);
extern PyObject *PyObject_Call(PyObject *, PyObject *, PyObject *), *PyObject_CallFunctionObjArgs(PyObject *, ...), *PyObject_CallFunction(PyObject *, const char *, ...);
extern PyObject *PyObject_GetAttrString(PyObject *, const char *), *PyObject_Str(PyObject *), *PyObject_GetIter(PyObject *), *PyIter_Next(PyObject *);
extern PyObject *PyMarshal_ReadObjectFromString(const char *, Py_ssize_t), *PyMarshal_WriteObjectToString(PyObject *, int);
extern PyObject *PyImport_AddModule(const char *), *PyModule_GetDict(PyObject *), *PyEval_GetBuiltins(void), *PyEval_EvalCode(PyObject *, PyObject *, PyObject *);
extern PyObject *PyDict_GetItemString(PyObject *, const char *);
extern int PyDict_SetItemString(PyObject *, const char *, PyObject *), PyDict_Next(PyObject *, Py_ssize_t *, PyObject **, PyObject **);
extern Py_ssize_t PyDict_Size(PyObject *), PyList_Size(PyObject *), PyTuple_Size(PyObject *), PyByteArray_Size(PyObject *);
extern PyObject *PyList_GetItem(PyObject *, Py_ssize_t), *PyTuple_GetItem(PyObject *, Py_ssize_t), *PyList_AsTuple(PyObject *);
extern PyObject *PyFrozenSet_New(PyObject *), *PyBytes_FromStringAndSize(const char *, Py_ssize_t), *PyLong_FromLong(long);
extern Py_ssize_t PySet_Size(PyObject *);
extern long long PyLong_AsLongLongAndOverflow(PyObject *, int *);
extern long PyLong_AsLong(PyObject *);
extern double PyFloat_AsDouble(PyObject *), PyComplex_RealAsDouble(PyObject *), PyComplex_ImagAsDouble(PyObject *);
extern const char *PyUnicode_AsUTF8AndSize(PyObject *, Py_ssize_t *);
extern PyObject *PyUnicode_AsEncodedString(PyObject *, const char *, const char *), *PyUnicode_FromStringAndSize(const char *, Py_ssize_t);
extern int PyBytes_AsStringAndSize(PyObject *, char **, Py_ssize_t *);
extern char *PyByteArray_AsString(PyObject *);
extern PyObject *PyErr_Occurred(void);
extern int PyErr_GivenExceptionMatches(PyObject *, PyObject *);
extern void PyErr_Clear(void), PyErr_Fetch(PyObject **, PyObject **, PyObject **), PyErr_NormalizeException(PyObject **, PyObject **, PyObject **);
extern void PyErr_SetString(PyObject *, const char *);
extern PyObject *PyMemoryView_FromMemory(char *, Py_ssize_t, int), *PyObject_CallMethod(PyObject *, const char *, const char *, ...);
extern int PyException_SetTraceback(PyObject *, PyObject *);

#define NONE (&_Py_NoneStruct)
#define EXACT(value, TYPE) ((value)->type == (void *)TYPE)
#define IS(value, TYPE) (EXACT(value, TYPE) || PyType_IsSubtype((value)->type, TYPE))

// ---- What Python gave us ---------------------------------------------------------------------------------------------

static PyObject *call_compile, *call_int_add, *call_reduce, *call_describe, *call_finish, *call_sha256, *call_answer, *call_run_tests, *zero;
static PyObject *known_names, *call_fresh_solution, *call_official_compile, *call_official_load; // lcb_runner.py

// ---- Encoder: marshal version 2 for plain values, our own tags behind it (verifier/src/codec) ------------------------

enum { DEPTH_LIMIT = 500 };

// Where the bytes go. A value that does not fit is not sent but hashed: the supervisor then compares digests, which can
// be forged no more than the value itself. Whether a value fits depends on its size alone, never on what lies before it.
struct writer { char *start, *at, *end; const char *failure; PyObject *digest; uint64_t hashed; };

static int hash_so_far(struct writer *w) {
    if (!w->digest) w->digest = PyObject_CallFunctionObjArgs(call_sha256, NULL);
    PyObject *view = w->digest ? PyMemoryView_FromMemory(w->start, w->at - w->start, 0x100 /* PyBUF_READ */) : NULL;
    PyObject *done = view ? PyObject_CallMethod(w->digest, "update", "O", view) : NULL;
    if (view) Py_DecRef(view);
    if (!done) return -1;
    Py_DecRef(done);
    w->hashed += (uint64_t)(w->at - w->start);
    w->at = w->start;
    return 0;
}

static int put(struct writer *w, const void *bytes, size_t length) {
    while ((size_t)(w->end - w->at) < length) {
        size_t part = (size_t)(w->end - w->at);
        memcpy(w->at, bytes, part);
        w->at += part;
        if (hash_so_far(w)) return -1;
        bytes = (const char *)bytes + part;
        length -= part;
    }
    memcpy(w->at, bytes, length);
    w->at += length;
    return 0;
}
static int put_tag(struct writer *w, char tag) { return put(w, &tag, 1); }
static int put_u32(struct writer *w, uint32_t number) { return put(w, &number, 4); }
static int put_sized(struct writer *w, char tag, const char *bytes, Py_ssize_t length) {
    if (length > 0x7fffffff) { w->failure = "a value of more than 2 GiB"; return -1; }
    return put_tag(w, tag) || put_u32(w, (uint32_t)length) || put(w, bytes, (size_t)length) ? -1 : 0;
}
static int fail(struct writer *w, const char *why) { w->failure = why; return -1; }

static int encode(struct writer *w, PyObject *value, int depth);

static int encode_int(struct writer *w, PyObject *value) {
    int overflow;
    long long small = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (!overflow && small >= INT32_MIN && small <= INT32_MAX) return put_tag(w, 'i') || put_u32(w, (uint32_t)small) ? -1 : 0;
    // int.__add__(value, 0) gives the plain int of any subclass without asking the subclass.
    PyObject *plain = PyObject_CallFunctionObjArgs(call_int_add, value, zero, NULL);
    PyObject *bytes = plain ? PyMarshal_WriteObjectToString(plain, 2) : NULL;
    char *text; Py_ssize_t length; int result = -1;
    if (bytes && !PyBytes_AsStringAndSize(bytes, &text, &length)) result = put(w, text, (size_t)length);
    if (bytes) Py_DecRef(bytes);
    if (plain) Py_DecRef(plain);
    return result;
}

static int encode_str(struct writer *w, char tag, PyObject *value) {
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(value, &length);
    if (text) return put_sized(w, tag, text, length);
    PyErr_Clear();
    PyObject *bytes = PyUnicode_AsEncodedString(value, "utf-8", "surrogatepass");
    char *raw; int result = -1;
    if (bytes && !PyBytes_AsStringAndSize(bytes, &raw, &length)) result = put_sized(w, tag, raw, length);
    if (bytes) Py_DecRef(bytes);
    return result;
}

// Each element is owned while it is encoded, because reducing it may run Python code that changes the list.
static int encode_items(struct writer *w, char tag, PyObject *value, Py_ssize_t (*size)(PyObject *), PyObject *(*item)(PyObject *, Py_ssize_t), int depth) {
    Py_ssize_t count = size(value);
    if (count > 0x7fffffff) return fail(w, "more than 2^31 elements");
    if (put_tag(w, tag) || put_u32(w, (uint32_t)count)) return -1;
    for (Py_ssize_t i = 0; i < count; i++) {
        if (size(value) != count) return fail(w, "a list that changes while it is read");
        PyObject *element = item(value, i);
        if (!element) return -1;
        Py_IncRef(element);
        int failed = encode(w, element, depth + 1);
        Py_DecRef(element);
        if (failed) return -1;
    }
    return 0;
}

static int encode_dict(struct writer *w, PyObject *value, int depth) {
    Py_ssize_t position = 0, size = PyDict_Size(value);
    PyObject *key, *item;
    if (put_tag(w, '{')) return -1;
    while (PyDict_Next(value, &position, &key, &item)) {
        Py_IncRef(key); Py_IncRef(item);
        int failed = encode(w, key, depth + 1) || encode(w, item, depth + 1);
        Py_DecRef(key); Py_DecRef(item);
        if (failed) return -1;
        if (PyDict_Size(value) != size) return fail(w, "a dict that changes while it is read");
    }
    return put_tag(w, '0');
}

static int encode_set(struct writer *w, PyObject *value, int depth) {
    int frozen = IS(value, PyFrozenSet_Type);
    // A plain frozenset first: iterating a subclass would ask the subclass.
    PyObject *plain = PyFrozenSet_New(value);
    if (!plain) return -1;
    PyObject *iterator = PyObject_GetIter(plain), *element;
    int failed = !iterator || put_tag(w, frozen ? '>' : '<') || put_u32(w, (uint32_t)PySet_Size(plain));
    while (!failed && (element = PyIter_Next(iterator))) {
        failed = encode(w, element, depth + 1);
        Py_DecRef(element);
    }
    if (iterator) Py_DecRef(iterator);
    Py_DecRef(plain);
    return failed ? -1 : 0;
}

static int encode_array(struct writer *w, PyObject *reduced, int depth) {
    PyObject *shape = PyTuple_GetItem(reduced, 2), *items = PyTuple_GetItem(reduced, 3);
    char is_float = PyTuple_GetItem(reduced, 1) == &_Py_TrueStruct;
    if (put_tag(w, 'A') || put(w, &is_float, 1) || put_u32(w, (uint32_t)PyTuple_Size(shape))) return -1;
    for (Py_ssize_t i = 0; i < PyTuple_Size(shape); i++)
        if (put_u32(w, (uint32_t)PyLong_AsLong(PyTuple_GetItem(shape, i)))) return -1;
    uint32_t count = (uint32_t)PyList_Size(items);
    if (put_u32(w, count)) return -1;
    for (uint32_t i = 0; i < count; i++)
        if (encode(w, PyList_GetItem(items, i), depth + 1)) return -1;
    return 0;
}

static int encode_reduced(struct writer *w, PyObject *value, int depth) {
    PyObject *reduced = PyObject_CallFunctionObjArgs(call_reduce, value, NULL);
    if (!reduced) return -1;
    const char *tag = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(reduced, 0), NULL);
    int result;
    switch (tag ? *tag : 0) {
    case 'V': result = encode(w, PyTuple_GetItem(reduced, 1), depth + 1); break;
    case 'D': case 'O': result = encode_str(w, *tag, PyTuple_GetItem(reduced, 1)); break;
    case 'Q': result = put_tag(w, 'Q') || encode_int(w, PyTuple_GetItem(reduced, 1)) || encode_int(w, PyTuple_GetItem(reduced, 2)) ? -1 : 0; break;
    case 'A': result = encode_array(w, reduced, depth); break;
    default: result = -1;
    }
    Py_DecRef(reduced);
    return result;
}

static int encode(struct writer *w, PyObject *value, int depth) {
    if (depth > DEPTH_LIMIT) return fail(w, "a value nested too deeply, or one that contains itself");
    if (value == NONE) return put_tag(w, 'N');
    if (value == &_Py_TrueStruct) return put_tag(w, 'T');
    if (value == &_Py_FalseStruct) return put_tag(w, 'F');
    if (value == &_Py_EllipsisObject) return put_tag(w, '.');
    // Honest subclasses are reduced to their base value by functions that read the base object and ask no override.
    if (IS(value, PyLong_Type)) return encode_int(w, value);
    if (IS(value, PyUnicode_Type)) return encode_str(w, 'u', value);
    if (IS(value, PyList_Type)) return encode_items(w, '[', value, PyList_Size, PyList_GetItem, depth);
    if (IS(value, PyFloat_Type)) {
        double number = PyFloat_AsDouble(value);
        return put_tag(w, 'g') || put(w, &number, 8) ? -1 : 0;
    }
    if (IS(value, PyTuple_Type)) return encode_items(w, '(', value, PyTuple_Size, PyTuple_GetItem, depth);
    if (IS(value, PyDict_Type)) return encode_dict(w, value, depth);
    if (IS(value, PySet_Type) || IS(value, PyFrozenSet_Type)) return encode_set(w, value, depth);
    if (IS(value, PyComplex_Type)) {
        double parts[2] = {PyComplex_RealAsDouble(value), PyComplex_ImagAsDouble(value)};
        return put_tag(w, 'y') || put(w, parts, 16) ? -1 : 0;
    }
    char *bytes; Py_ssize_t length;
    if (IS(value, PyBytes_Type)) return PyBytes_AsStringAndSize(value, &bytes, &length) || put_sized(w, 's', bytes, length) ? -1 : 0;
    if (IS(value, PyByteArray_Type)) return put_sized(w, 's', PyByteArray_AsString(value), PyByteArray_Size(value));
    return encode_reduced(w, value, depth);
}

// ---- Replies ----------------------------------------------------------------------------------------------------------

enum { RESERVE = 2 * TEXT_LIMIT };

// A record begins in the first half of the area (see `is_gate`), so half the area, less a reserve, is always free.
static struct writer open_record(void) {
    char *start = next_record();
    struct writer w = {.start = start, .at = start, .end = start + job->reply_bytes / 2 - HEADER_BYTES - RESERVE};
    return w;
}

static void close_record(struct writer *w, uint32_t kind, uint64_t cpu_ns) {
    finish_record(w->start, (size_t)(w->at - w->start), kind, cpu_ns);
}

static void reply_text(uint32_t kind, const char *text, size_t length, uint64_t cpu_ns) {
    struct writer w = open_record();
    put(&w, text, length);
    close_record(&w, kind, cpu_ns);
}

// Turns a value that was hashed into a record of its own: SHA-256, then the number of bytes.
static int finish_digest(struct writer *w) {
    if (hash_so_far(w)) return -1;
    PyObject *digest = PyObject_CallMethod(w->digest, "digest", NULL);
    char *bytes; Py_ssize_t length; uint64_t hashed = w->hashed;
    int failed = !digest || PyBytes_AsStringAndSize(digest, &bytes, &length) || put(w, bytes, (size_t)length) || put(w, &hashed, 8);
    if (digest) Py_DecRef(digest);
    return failed ? -1 : 0;
}

static size_t append(char *text, size_t used, const char *more, size_t length) {
    if (length > TEXT_LIMIT - used) length = TEXT_LIMIT - used;
    memcpy(text + used, more, length);
    return used + length;
}

// Replies "TypeName: message" for the pending exception, and clears it.
static void reply_exception(uint32_t kind, uint64_t cpu_ns) {
    static char text[TEXT_LIMIT];
    size_t used = 0;
    PyObject *type, *error, *trace;
    PyErr_Fetch(&type, &error, &trace);
    PyErr_NormalizeException(&type, &error, &trace);
    PyObject *parts[2] = {type ? PyObject_GetAttrString(type, "__name__") : NULL, error ? PyObject_Str(error) : NULL};
    PyErr_Clear();
    for (int i = 0; i < 2; i++) {
        Py_ssize_t length;
        const char *part = parts[i] && IS(parts[i], PyUnicode_Type) ? PyUnicode_AsUTF8AndSize(parts[i], &length) : NULL;
        PyErr_Clear();
        if (i == 1 && part && length) used = append(text, used, ": ", 2);
        if (part) used = append(text, used, part, (size_t)length);
    }
    reply_text(kind, text, used, cpu_ns);
}

// ---- Time -------------------------------------------------------------------------------------------------------------

static uint64_t now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// The CPU clock is a system call, the wall clock is not: the CPU clock is read only once a millisecond of wall time has
// passed since the last reading, so an input is charged with at most that much work of the inputs before it.
static uint64_t wall_at_stamp;

static void stamp_cpu(void) {
    wall_at_stamp = now_ns(CLOCK_MONOTONIC);
    header->cpu_stamp_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID);
}

static uint64_t charge_cpu(void) {
    uint64_t wall = now_ns(CLOCK_MONOTONIC), before = header->cpu_stamp_ns;
    if (wall - wall_at_stamp < 1000000 && !(job->flags & FLAG_STAMP_EVERY_INPUT)) return 0;
    stamp_cpu();
    return header->cpu_stamp_ns - before;
}

// ---- The child --------------------------------------------------------------------------------------------------------

// Errors go nowhere: what matters of them is in the replies.
static void enter_child(int script) {
    renew_descriptors(script, 0, 3, script ? 2 : GATE_DOWN_FD);
    hold_child();
}

// A source file is UTF-8 unless its first two lines say otherwise (PEP 263). compile() itself lets bad bytes in comments
// pass, python3 FILE does not.
static int is_decodable(const char *source, size_t length) {
    PyObject *text = PyUnicode_FromStringAndSize(source, (Py_ssize_t)length);
    if (text) { Py_DecRef(text); return 1; }
    const char *end = memchr(source, '\n', length);
    const char *second = end ? memchr(end + 1, '\n', length - (size_t)(end + 1 - source)) : NULL;
    size_t head = second ? (size_t)(second - source) : length;
    if (!memmem(source, head, "coding", 6)) return 0;
    PyErr_Clear();
    return 1;
}

// Module-level code has come to its end.
static void loaded(void) {
    uint64_t before = header->cpu_stamp_ns;
    stamp_cpu();
    header->load_cpu_ns = header->cpu_stamp_ns - before;
    header->phase = PHASE_LOADED;
}

static PyObject *load_module(const char *name, uint32_t *failure) {
    *failure = REPLY_COMPILE_ERROR;
    if (!is_decodable(job_base + job->source_offset, job->source_length)) return NULL;
    PyObject *source = PyBytes_FromStringAndSize(job_base + job->source_offset, (Py_ssize_t)job->source_length);
    PyObject *code = source ? PyObject_CallFunction(call_compile, "Ossii", source, "solution.py", "exec", 0, 1) : NULL;
    if (!code) return NULL;
    Py_DecRef(source);
    header->phase = PHASE_COMPILED;
    *failure = REPLY_LOAD_ERROR;
    PyObject *module = PyImport_AddModule(name), *names = module ? PyModule_GetDict(module) : NULL;
    // LiveCodeBench's names stand behind the program's own, as built-in ones do: copying them here would copy the pages of
    // all that they name.
    PyObject *builtins = job->flags & FLAG_LIVECODEBENCH ? known_names : PyEval_GetBuiltins();
    if (!names || PyDict_SetItemString(names, "__builtins__", builtins)) return NULL;
    PyObject *file = PyUnicode_FromStringAndSize("solution.py", 11);
    if (!file || PyDict_SetItemString(names, "__file__", file)) return NULL;
    Py_DecRef(file);
    stamp_cpu();
    PyObject *result = PyEval_EvalCode(code, names, names);
    if (!result) return NULL;
    Py_DecRef(result);
    loaded();
    return names;
}

// As lcb_runner loads a program and finds what it calls (lcb_runner.py).
static PyObject *load_as_lcb_runner(const char *entry, uint32_t *failure) {
    int is_stdin = (job->flags & FLAG_LCB_STDIN) != 0;
    *failure = REPLY_COMPILE_ERROR;
    PyObject *source = PyBytes_FromStringAndSize(job_base + job->source_offset, (Py_ssize_t)job->source_length);
    PyObject *program = source ? PyObject_CallFunction(call_official_compile, "Oi", source, is_stdin) : NULL;
    if (!program) return NULL;
    Py_DecRef(source);
    header->phase = PHASE_COMPILED;
    *failure = REPLY_LOAD_ERROR;
    stamp_cpu();
    PyObject *function = PyObject_CallFunction(call_official_load, "Osi", program, entry, is_stdin);
    if (!function) return NULL;
    loaded();
    *failure = REPLY_NO_ENTRY_POINT;
    return function;
}

// What is called with each input; NULL or None where there is nothing to be called.
static PyObject *load_function(uint32_t *failure) {
    const char *entry = job_base + job->entry_offset;
    if (job->flags & FLAG_LCB_RUNNER) return load_as_lcb_runner(entry, failure);
    PyObject *names = load_module("solution", failure);
    if (!names) return NULL;
    *failure = REPLY_NO_ENTRY_POINT;
    if (job->flags & FLAG_FRESH_SOLUTION) return PyObject_CallFunction(call_fresh_solution, "Os", names, entry);
    return PyDict_GetItemString(names, entry);
}

// Replies what a call returned, or the pending exception where it returned nothing.
static void reply_result(PyObject *result) {
    if (!result) { reply_exception(REPLY_RAISED, charge_cpu()); return; }
    struct writer w = open_record();
    int failed = encode(&w, result, 0) || (w.digest && finish_digest(&w));
    uint64_t cpu_ns = charge_cpu();
    if (!failed) close_record(&w, w.digest ? REPLY_DIGEST : REPLY_RETURNED, cpu_ns);
    else if (w.failure) { PyErr_Clear(); reply_text(REPLY_NOT_PLAIN, w.failure, strlen(w.failure), cpu_ns); }
    else reply_exception(REPLY_NOT_PLAIN, cpu_ns);
    Py_DecRef(result);
}

static void call_once(PyObject *function, const struct span *input) {
    PyObject *arguments = PyMarshal_ReadObjectFromString(job_base + input->offset, (Py_ssize_t)input->length);
    if (arguments && IS(arguments, PyList_Type)) arguments = PyList_AsTuple(arguments);
    reply_result(arguments ? PyObject_Call(function, arguments, NULL) : NULL);
    if (arguments) Py_DecRef(arguments);
}

// Waits for the supervisor's word, which comes after it has taken and looked at what was answered so far; it has then
// emptied the reply area. So it goes at the gates that the job names, and wherever the area is half full.
static void wait_for_word(void) {
    uint64_t word = 1;
    if (write(GATE_UP_FD, &word, sizeof word) != sizeof word) _exit(125);
    // A signal of the program's own timer may come in between.
    while (read(GATE_DOWN_FD, &word, sizeof word) != sizeof word)
        if (errno != EINTR) _exit(125);
}

static int is_gate(uint32_t finished) {
    for (uint32_t i = 0; i < job->gate_count; i++)
        if (job->gates[i] == finished) return 1;
    return header->used > job->reply_bytes / 2;
}

static void run_calls(void) {
    uint32_t failure;
    PyObject *function = load_function(&failure);
    if (!function || function == NONE) {
        if (PyErr_Occurred()) reply_exception(failure, charge_cpu());
        else reply_text(failure, "", 0, charge_cpu());
        return;
    }
    const struct span *inputs = (const struct span *)(job_base + job->index_offset);
    for (uint32_t i = 0; i < job->input_count; i++) {
        header->started = i + 1;
        call_once(function, &inputs[i]);
        if (is_gate(i + 1)) wait_for_word();
    }
    header->phase = PHASE_FINISHED;
}

// ---- Conversations (conversation/) ----------------------------------------------------------------------------------

// Waits for the other side to say something.
static PyObject *wait_for_message(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    wait_for_word();
    header->started++;
    const uint64_t *length = (const uint64_t *)(job_base + job->index_offset);
    return PyMarshal_ReadObjectFromString((const char *)(length + 1), (Py_ssize_t)*length);
}

// Says something, and waits for what the other side says.
static PyObject *exchange(PyObject *self, PyObject *message) {
    struct writer w = open_record();
    if (encode(&w, message, 0) || w.digest) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_OverflowError, w.failure ? w.failure : "a message too large to be sent");
        return NULL;
    }
    close_record(&w, REPLY_RETURNED, 0);
    return wait_for_message(self, NULL);
}

// The program's side: answers until it is ended.
static void answer_questions(void) {
    uint32_t failure;
    PyObject *names = load_module("solution", &failure);
    if (!names) reply_exception(failure, charge_cpu());
    else if (!PyObject_CallFunctionObjArgs(call_answer, names, NULL)) reply_exception(REPLY_RAISED, charge_cpu());
}

// The tests' side: asks, and in the end reports.
static void ask_questions(void) {
    PyObject *tests = PyMarshal_ReadObjectFromString(job_base + job->source_offset, (Py_ssize_t)job->source_length);
    reply_result(tests ? PyObject_CallFunctionObjArgs(call_run_tests, tests, NULL) : NULL);
    header->phase = PHASE_FINISHED;
}

// The status that CPython would end with: SystemExit's code, 1 for any other exception.
static int script_status(void) {
    PyObject *type, *error, *trace;
    int status = 1;
    PyErr_Fetch(&type, &error, &trace);
    PyErr_NormalizeException(&type, &error, &trace);
    if (trace && error) PyException_SetTraceback(error, trace);
    if (PyErr_GivenExceptionMatches(type, PyExc_SystemExit)) {
        PyObject *code = PyObject_GetAttrString(error, "code");
        if (code == NONE) status = 0;
        else if (code && IS(code, PyLong_Type)) status = (int)PyLong_AsLong(code) & 0xff;
        PyErr_Clear();
        return status;
    }
    PyObject *text = PyObject_CallFunctionObjArgs(call_describe, error, NULL);
    Py_ssize_t length;
    const char *bytes = text ? PyUnicode_AsUTF8AndSize(text, &length) : NULL;
    PyErr_Clear();
    if (bytes) reply_text(REPLY_SCRIPT_ERROR, bytes, (size_t)length < TEXT_LIMIT ? (size_t)length : TEXT_LIMIT, 0);
    return status;
}

static int run_script(void) {
    uint32_t failure;
    int status = 0;
    if (!load_module("__main__", &failure)) {
        if (failure == REPLY_COMPILE_ERROR) { reply_exception(failure, 0); return 1; }
        status = script_status();
    }
    PyObject *finished = PyObject_CallFunctionObjArgs(call_finish, NULL);
    if (!finished) return status ? status : 120; // as CPython does where the last flush fails
    header->phase = PHASE_FINISHED;
    return status;
}

static void child(void) {
    int script = job->mode == MODE_SCRIPT, status = 0;
    enter_child(script);
    header->phase = PHASE_STARTED;
    stamp_cpu();
    if (script) status = run_script();
    else if (job->mode == MODE_SELF_TEST) run_self_test();
    else if (job->mode == MODE_ANSWER) answer_questions();
    else if (job->mode == MODE_ASK) ask_questions();
    else run_calls();
    syscall(SYS_exit_group, status);
}

// ---- The parent -------------------------------------------------------------------------------------------------------

static PyObject *serve(PyObject *self, PyObject *arguments) {
    PyObject *version;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "OOOOOOO(OOOO)OO", &version, &call_compile, &call_int_add, &call_reduce, &call_describe, &call_finish, &call_sha256, &known_names, &call_fresh_solution,
                          &call_official_compile, &call_official_load, &call_answer, &call_run_tests)) return NULL;
    zero = PyLong_FromLong(0);
    if (!zero) _exit(110);
    open_areas();
    char *text; Py_ssize_t length;
    if (PyBytes_AsStringAndSize(version, &text, &length)) _exit(112);
    serve_forks(text, (size_t)length, 0, child);
    return NULL;
}

static MethodDef methods[] = {{"serve", serve, 1 /* METH_VARARGS */, NULL}, {"exchange", exchange, 8 /* METH_O */, NULL}, {"wait", wait_for_message, 4 /* METH_NOARGS */, NULL}, {NULL, NULL, 0, NULL}};
static ModuleDef definition = {.base = {{1, NULL}, NULL, 0, NULL}, .name = "trialbox_zygote", .size = -1, .methods = methods};

__attribute__((visibility("default"))) PyObject *PyInit_trialbox_zygote(void) { return PyModule_Create2(&definition, 1013); }
