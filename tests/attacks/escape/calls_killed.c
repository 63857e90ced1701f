// every call that is a door out, each in a child: the filter ends them or the kernel refuses
// EXPECT: accepted  OUTPUT: safe  NEEDS: namespaces
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void)
{
    const int calls[] = { SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount, SYS_umount2,
        SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_bpf, SYS_perf_event_open, SYS_userfaultfd, SYS_keyctl,
        SYS_add_key, SYS_request_key, SYS_kexec_load, SYS_init_module, SYS_finit_module, SYS_delete_module,
        SYS_reboot, SYS_swapon, SYS_swapoff, SYS_acct, SYS_quotactl, SYS_settimeofday, SYS_clock_settime,
        SYS_adjtimex, SYS_clock_adjtime, SYS_sethostname, SYS_setdomainname, SYS_syslog, SYS_vhangup,
        SYS_open_by_handle_at, SYS_name_to_handle_at, SYS_fanotify_init, SYS_kcmp, SYS_move_pages,
        320 /* kexec_file_load */, 425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 440, 442, 443, 444, 447, 448 };
    int bad = 0;
    for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++) {
        int status;
        pid_t p = fork();
        if (p == 0)
            _exit(syscall(calls[i], 0, 0, 0, 0, 0, 0) >= 0);
        waitpid(p, &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status))
            bad++, printf("%d ", calls[i]);
    }
    puts(bad ? "escaped" : "safe");
    return 0;
}
