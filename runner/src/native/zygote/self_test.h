// What the sandbox forbids, tried from inside (self_test.c).

// Calls `succeeded` with the name of each forbidden act that was not refused. `file` and `folder` are readable by everybody
// on the host; `supervisor` is the number of a process outside.
void self_test(const char *file, const char *folder, int supervisor, void (*succeeded)(const char *));
