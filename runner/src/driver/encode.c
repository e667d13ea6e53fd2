// The encoder (encode.h). It reads base objects and asks no method of a program's own classes.

#include "encode.h"

#include <string.h>

enum { DEPTH_LIMIT = 500 };

PyObject *call_int_add, *call_reduce, *call_sha256, *zero;

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

static int encode_at(struct writer *w, PyObject *value, int depth);

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
        int failed = encode_at(w, element, depth + 1);
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
        int failed = encode_at(w, key, depth + 1) || encode_at(w, item, depth + 1);
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
        failed = encode_at(w, element, depth + 1);
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
        if (encode_at(w, PyList_GetItem(items, i), depth + 1)) return -1;
    return 0;
}

static int encode_reduced(struct writer *w, PyObject *value, int depth) {
    PyObject *reduced = PyObject_CallFunctionObjArgs(call_reduce, value, NULL);
    if (!reduced) return -1;
    const char *tag = PyUnicode_AsUTF8AndSize(PyTuple_GetItem(reduced, 0), NULL);
    int result;
    switch (tag ? *tag : 0) {
    case 'V': result = encode_at(w, PyTuple_GetItem(reduced, 1), depth + 1); break;
    case 'D': case 'O': result = encode_str(w, *tag, PyTuple_GetItem(reduced, 1)); break;
    case 'Q': result = put_tag(w, 'Q') || encode_int(w, PyTuple_GetItem(reduced, 1)) || encode_int(w, PyTuple_GetItem(reduced, 2)) ? -1 : 0; break;
    case 'A': result = encode_array(w, reduced, depth); break;
    default: result = -1;
    }
    Py_DecRef(reduced);
    return result;
}

static int encode_at(struct writer *w, PyObject *value, int depth) {
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

int encode(struct writer *w, PyObject *value) { return encode_at(w, value, 0); }

int finish_digest(struct writer *w) {
    if (hash_so_far(w)) return -1;
    PyObject *digest = PyObject_CallMethod(w->digest, "digest", NULL);
    char *bytes; Py_ssize_t length; uint64_t hashed = w->hashed;
    int failed = !digest || PyBytes_AsStringAndSize(digest, &bytes, &length) || put(w, bytes, (size_t)length) || put(w, &hashed, 8);
    if (digest) Py_DecRef(digest);
    return failed ? -1 : 0;
}
