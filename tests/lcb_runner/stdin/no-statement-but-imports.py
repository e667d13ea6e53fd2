# why: "a function without a body is no Python"
# official: -4
# real: "wrong_answer"
import sys
