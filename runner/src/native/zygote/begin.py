# The first lines of the warm parent of every Python program: where its parts lie.

import sys

argument_helper, argument_paths = sys.argv[1:3]
sys.argv = ["solution.py"]
sys.path[:] = [path for path in argument_paths.split(":") if path]
