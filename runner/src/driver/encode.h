// Turns what a call returned into bytes: marshal version 2 for plain values, our own tags behind it (verifier/src/codec).

#ifndef TRIALBOX_ENCODE_H
#define TRIALBOX_ENCODE_H

#include <stdint.h>

#include "cpython.h"

#pragma GCC visibility push(hidden)

// Where the bytes go. A value that does not fit is not sent but hashed: the supervisor then compares digests, which can
// be forged no more than the value itself. Whether a value fits depends on its size alone, never on what lies before it.
struct writer { char *start, *at, *end; const char *failure; PyObject *digest; uint64_t hashed; };

// Python's part of it: int.__add__ and the 0 that it adds, reduce_value (warm.py), hashlib.sha256.
extern PyObject *call_int_add, *call_reduce, *call_sha256, *zero;

// Encodes a value. -1 where it cannot be encoded: `failure` says why, or an exception is pending.
int encode(struct writer *w, PyObject *value);
// Turns a value that was hashed into a record of its own: SHA-256, then the number of bytes.
int finish_digest(struct writer *w);

#pragma GCC visibility pop

#endif
