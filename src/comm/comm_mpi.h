/* Inside floor 1 only: what a group is. */
#pragma once
#include "comm.h"
#include <mpi.h>

struct mailbox;
struct group {
    MPI_Comm comm;
    int rank, size;
    struct mailbox *box; /* mail.c; NULL until used */
};

void comm_check(int rc, const char *call, const char *file, int line);
#define CHECK_MPI(call) comm_check((call), #call, __FILE__, __LINE__)

/* ends.c */
void ends_open(void); /* MPI has started; collective(MPI_COMM_WORLD) */
void ends_close(
    int code); /* before MPI_Finalize; the largest code may end all here.  collective(MPI_COMM_WORLD) */
void ends_said(void); /* local: another rank says why */
