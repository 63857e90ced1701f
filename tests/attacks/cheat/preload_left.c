// leaves libraries and settings where the next loader, compiler or interpreter may look
// EXPECT: accepted  OUTPUT: 7
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    const char *names[] = { "specs", "libc.so.6", "cc1", "as", "ld", "collect2", ".gdbinit", "stdio.h", "pyvenv.cfg",
                            "crt1.o", ".pythonrc.py", "python3", "libm.a", "site.py", "os.py" };
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        int fd = open(names[i], O_CREAT | O_WRONLY, 0755);
        write(fd, "#!/bin/sh\nexit 1\n", 17);
        close(fd);
    }
    puts("7");
    return 0;
}
