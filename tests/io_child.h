/* Runs this test program again as another process, for what must end a run: `self WORD ARGS...`
   without MPI or, with ranks > 0, under mpirun.  Gives the exit code (128 + signal if killed) and
   what it wrote to stderr. */
#pragma once
#include "test.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The environment without what ties this process to its own mpirun. */
static inline void child_environment(void)
{
    char *drop[256];
    int n = 0;
    for (char **e = environ; *e; e++)
        if ((!strncmp(*e, "PMIX_", 5) || !strncmp(*e, "ORTE_", 5) ||
             (!strncmp(*e, "OMPI_", 5) && strncmp(*e, "OMPI_ALLOW", 10) &&
              strncmp(*e, "OMPI_MCA_", 9)) ||
             !strncmp(*e, "OMPI_MCA_orte_", 14) || !strncmp(*e, "OMPI_MCA_ess", 12) ||
             !strncmp(*e, "OMPI_MCA_pmix", 13)) &&
            n < 256) {
            drop[n] = strndup(*e, strcspn(*e, "="));
            n++;
        }
    for (int i = 0; i < n; i++) {
        unsetenv(drop[i]);
        free(drop[i]);
    }
}

static inline int child_run(int ranks, const char *const *args, text_t *err)
{
    char self[1024] = "", count[16];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    const char *argv[32];
    int n = 0, pipes[2];
    snprintf(count, sizeof count, "%d", ranks);
    if (ranks) {
        argv[n++] = "/bin/sh";
        argv[n++] = "-c";
        argv[n++] = "exec ${MPIRUN:-mpirun} -np \"$0\" \"$@\"";
        argv[n++] = count;
    }
    argv[n++] = self;
    while (*args && n < 31)
        argv[n++] = *args++;
    argv[n] = NULL;
    if (len < 0 || pipe(pipes))
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        child_environment();
        dup2(pipes[1], 2);
        close(pipes[0]);
        close(pipes[1]);
        execvp(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(pipes[1]);
    char buf[4096];
    for (ssize_t got; (got = read(pipes[0], buf, sizeof buf)) > 0;)
        text_addn(err, buf, (size_t)got);
    text_add(err, "");
    close(pipes[0]);
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* A fresh folder of this test under $TEST_TMP, $TMPDIR or /tmp, the same name on all ranks; caller
   frees. */
static inline char *child_folder(const char *topic)
{
    char path[256];
    const char *in = getenv("TEST_TMP") ? getenv("TEST_TMP") : getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/%s-XXXXXX", in ? in : "/tmp", topic);
    if (group_rank(comm_world()) == 0 && !mkdtemp(path))
        fail(CODE_FAULT, "mkdtemp %s failed", path);
    comm_bcast(comm_world(), path, sizeof path, 0);
    return mem_text(path);
}

static inline void child_folder_remove(char *path)
{
    comm_barrier(comm_world());
    if (group_rank(comm_world()) == 0) {
        char command[512];
        snprintf(command, sizeof command, "rm -rf '%s'", path);
        if (system(command))
            fprintf(stderr, "%s was not removed\n", path);
    }
    mem_free(path);
}
