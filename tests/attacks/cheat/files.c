// the answer in files, by name
// EXPECT: accepted  OUTPUT: safe
#include <stdio.h>
int main(void)
{
    const char *names[] = { "@FILE@", "@REPO@", "expected", "output", "answer", "/tmp/output", "/tmp/expected",
                            "../answer", "/dev/shm/answer", "main.py", "/tmp/main" };
    int bad = 0;
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (fopen(names[i], "r"))
            bad++, puts(names[i]);
    puts(bad ? "escaped" : "safe");
    return 0;
}
