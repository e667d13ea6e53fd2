# tries: "Begins with a byte order mark, as some editors write it."
# expect: "pass"
﻿def add(a, b):
    return a + b
