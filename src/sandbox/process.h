/* Inside floor 5: what the kernel says of processes; descriptors that are handed on, or that nobody
   should inherit. */
#pragma once
#include <sys/types.h>

/* by a signal; proc: a descriptor, -1: /proc.  0 also where that cannot be seen */
int process_stopped(int proc, pid_t pid);
/* of this one, ended ones too; how many, 0 also where the kernel does not tell */
int process_children(pid_t *child, int most);
void process_close_from(int fd); /* every descriptor from fd on */
enum { HAND_MOST = 8 };
/* A word over a local socket with copies of descriptors (at most HAND_MOST) attached; 1: it went.
   wait 0: never blocks. */
/* Descriptors in flight between sockets that are themselves in flight belong to nobody; the kernel
   lets go of them only when some socket is closed, soon after.  They count against their user, and
   what they lead to stays. */
void process_let_go(void);
int process_hand(int to, const void *word, size_t n, const int *fd, int n_fd, int wait);
/* The other end, for one descriptor, never blocks: 1 if a word of n bytes came; *fd -1 if nothing
   was attached. */
int process_take(int from, void *word, size_t n, int *fd);
/* a small file, as a string; how long, -1: not readable */
int process_read(int dir, const char *name, char *out, size_t cap);
