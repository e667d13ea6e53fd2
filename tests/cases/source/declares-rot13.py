# tries: "Declares a codec that does not decode bytes to text."
# expect: ["compile_error", "runtime_error"]
# -*- coding: rot13 -*-
qrs nqq(n, o): erghea n + o
