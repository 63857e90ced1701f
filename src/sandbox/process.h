/* Inside floor 5: what the kernel says of processes, and descriptors that nobody should inherit. */
#pragma once
#include <sys/types.h>

int  process_stopped(int proc, pid_t pid);           /* by a signal; proc: a descriptor, -1: /proc.  0 also where that cannot be seen */
int  process_children(pid_t *child, int most);       /* of this one, ended ones too; how many, 0 also where the kernel does not tell */
void process_close_from(int fd);                     /* every descriptor from fd on */
