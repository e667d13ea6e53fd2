// An honest program that looks for anything that another left: files, descriptors, an environment.
#include <cstdio>
#include <dirent.h>
#include <fcntl.h>

int main(int, char **, char **environment) {
    DIR *folder = opendir(".");
    int entries = 0;
    while (folder && readdir(folder)) entries++;
    if (folder) closedir(folder);
    if (entries != 2 || environment[0]) return 1;
    for (int descriptor = 3; descriptor < 64; descriptor++)
        if (fcntl(descriptor, F_GETFD) != -1) return 2;
    if (fputs("an honest word on stderr\n", stderr) < 0 || fflush(stderr)) return 4;
    int a, b;
    if (scanf("%d %d", &a, &b) != 2) return 3;
    printf("%d\n", a + b);
}
