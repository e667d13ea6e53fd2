# tries: "Begins with a UTF-8 byte order mark and declares another encoding."
# expect: ["compile_error", "runtime_error"]
﻿# -*- coding: latin-1 -*-
def add(a, b):
    return a + b
