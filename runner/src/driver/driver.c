// Drives a candidate's code as its job says, inside a sandbox, whichever it is (driver.h).
// Not here: the encoder (encode.c), the sandbox's own part (zygote.c, guest.c), every decision (the supervisor, in Rust).
// In: a job description that is read-only here. Out: reply records, read by the supervisor as hostile input: once the
// candidate's code has begun, nothing that is said here is believed.

#define _GNU_SOURCE
#include "driver.h"

#include <string.h>

#include "encode.h"
#include "layout.h"

// ---- What Python gave us ---------------------------------------------------------------------------------------------

static PyObject *call_compile, *call_describe, *call_finish, *call_answer, *call_run_tests;
static PyObject *known_names, *call_fresh_solution, *call_official_compile, *call_official_load; // lcb_runner.py

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
    char *start = next_record(); // it fits: see `open_record`
    memcpy(start, text, length);
    finish_record(start, length, kind, cpu_ns);
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

// ---- Loading ----------------------------------------------------------------------------------------------------------

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
    measure(LOADED);
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
    measure(LOADING);
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
    measure(LOADING);
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
    if (!result) { reply_exception(REPLY_RAISED, measured_ns()); return; }
    struct writer w = open_record();
    int failed = encode(&w, result) || (w.digest && finish_digest(&w));
    uint64_t cpu_ns = measured_ns();
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

static int is_gate(uint32_t finished) {
    for (uint32_t i = 0; i < job->gate_count; i++)
        if (job->gates[i] == finished) return 1;
    return header->used > job->reply_bytes / 2;
}

static void run_calls(void) {
    uint32_t failure;
    PyObject *function = load_function(&failure);
    if (!function || function == NONE) {
        if (PyErr_Occurred()) reply_exception(failure, measured_ns());
        else reply_text(failure, "", 0, measured_ns());
        return;
    }
    const struct span *inputs = (const struct span *)(job_base + job->index_offset);
    for (uint32_t i = 0; i < job->input_count; i++) {
        header->started = i + 1;
        measure((int32_t)i);
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
    if (encode(&w, message) || w.digest) {
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
    if (!names) reply_exception(failure, measured_ns());
    else if (!PyObject_CallFunctionObjArgs(call_answer, names, NULL)) reply_exception(REPLY_RAISED, measured_ns());
}

// The tests' side: asks, and in the end reports.
static void ask_questions(void) {
    PyObject *tests = PyMarshal_ReadObjectFromString(job_base + job->source_offset, (Py_ssize_t)job->source_length);
    reply_result(tests ? PyObject_CallFunctionObjArgs(call_run_tests, tests, NULL) : NULL);
    header->phase = PHASE_FINISHED;
}

// The status that CPython would end with: SystemExit's code, 1 for any other exception. What CPython says on the way it says
// on stderr: a code that is no number, or the traceback, which is handed over instead.
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
        else if (code) PyObject_CallFunctionObjArgs(call_describe, code, NULL);
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

int drive(void) {
    switch (job->mode) {
    case MODE_SCRIPT: return run_script();
    case MODE_ANSWER: answer_questions(); break;
    case MODE_ASK: ask_questions(); break;
    default: run_calls();
    }
    return 0;
}

// ---- The module that Python's part hands over to -------------------------------------------------------------------------

static PyObject *serve(PyObject *self, PyObject *arguments) {
    PyObject *version;
    char *text; Py_ssize_t length;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "OOOOOOO(OOOO)OO", &version, &call_compile, &call_int_add, &call_reduce, &call_describe, &call_finish, &call_sha256, &known_names, &call_fresh_solution,
                          &call_official_compile, &call_official_load, &call_answer, &call_run_tests)) return NULL;
    Py_IncRef(arguments); // for good: it owns all of these
    zero = PyLong_FromLong(0);
    if (!zero || PyBytes_AsStringAndSize(version, &text, &length)) return NULL;
    serve_programs(text, (size_t)length);
    Py_IncRef(NONE);
    return NONE;
}

static MethodDef methods[] = {{"serve", serve, 1 /* METH_VARARGS */, NULL}, {"exchange", exchange, 8 /* METH_O */, NULL}, {"wait", wait_for_message, 4 /* METH_NOARGS */, NULL}, {NULL, NULL, 0, NULL}};
static ModuleDef definition = {.base = {{1, NULL}, NULL, 0, NULL}, .name = "trialbox_driver", .size = -1, .methods = methods};

PyObject *make_driver_module(void) { return PyModule_Create2(&definition, 1013); }
