# What sysconfig would know of the build. Nothing is installed, and nothing can be built: zoneinfo alone asks, and finds no zones.
build_time_vars = {"TZPATH": ""}
