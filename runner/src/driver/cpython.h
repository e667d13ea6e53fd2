// CPython's stable functions, declared by hand, so that no Python headers are needed and one build serves every CPython from
// 3.9 on (with a GIL).

#ifndef TRIALBOX_CPYTHON_H
#define TRIALBOX_CPYTHON_H

#include <stddef.h>

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

#endif
