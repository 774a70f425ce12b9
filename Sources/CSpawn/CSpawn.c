// Between fork and exec only async-signal-safe calls are allowed, which rules Swift out; so this one step is C.
#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// Moves `*descriptor` out of the range 0 to 3, where the child's own descriptors will stand.
static int lift(int *descriptor) {
    if (*descriptor < 0 || *descriptor > 3) return 0;
    int copy = fcntl(*descriptor, F_DUPFD_CLOEXEC, 4);
    if (copy < 0) return -1;
    *descriptor = copy;
    return 0;
}

static int place(int descriptor, int target) {
    if (descriptor >= 0) return dup2(descriptor, target) < 0 ? -1 : 0;
    close(target);
    return 0;
}

// Sockets and io_uring, which could open them, are refused with EACCES; so are foreign system call tables.
static int forbid_sockets(void) {
#if defined(__x86_64__)
    const uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
    const uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "name this processor's AUDIT_ARCH"
#endif
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 0, 4),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {sizeof rules / sizeof *rules, rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

static int prepare(struct millrace_spawn_options options, int *report) {
    if (lift(report) || lift(&options.standard_input) || lift(&options.standard_output) || lift(&options.standard_error)
        || lift(&options.extra_descriptor))
        return -1;
    if (place(options.standard_input, 0) || place(options.standard_output, 1) || place(options.standard_error, 2)
        || place(options.extra_descriptor, 3))
        return -1;
    // Everything above stays open until exec, so that a failure can still be reported.
    if (syscall(SYS_close_range, 4u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */) < 0 && errno != ENOSYS) return -1;
    if (setpgid(0, 0) < 0) return -1;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return -1;
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (options.memory_limit > 0) {
        struct rlimit memory = {options.memory_limit, options.memory_limit};
        if (setrlimit(RLIMIT_DATA, &memory) < 0) return -1;
    }
    if (options.processor_seconds > 0) {
        struct rlimit time = {options.processor_seconds, options.processor_seconds};
        if (setrlimit(RLIMIT_CPU, &time) < 0) return -1;
    }
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t empty;
    sigemptyset(&empty);
    if (sigprocmask(SIG_SETMASK, &empty, NULL) < 0) return -1;
    return options.without_network ? forbid_sockets() : 0;
}

pid_t millrace_spawn(
    const char *path, char *const *arguments, char *const *environment, const struct millrace_spawn_options *options,
    int *error) {
    int report[2];
    if (pipe2(report, O_CLOEXEC) < 0) {
        *error = errno;
        return -1;
    }
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        int failure = 0;
        if (prepare(*options, &report[1]) < 0) failure = errno;
        else if (getppid() != parent) failure = ESRCH;
        else {
            execve(path, arguments, environment);
            failure = errno;
        }
        ssize_t ignored = write(report[1], &failure, sizeof failure);
        (void)ignored;
        _exit(127);
    }
    int failure = child < 0 ? errno : 0;
    close(report[1]);
    if (child > 0) {
        ssize_t count;
        do count = read(report[0], &failure, sizeof failure);
        while (count < 0 && errno == EINTR);
        if (count <= 0) failure = 0;
        else
            while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    }
    close(report[0]);
    if (failure) {
        *error = failure;
        return -1;
    }
    return child;
}

int millrace_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

void millrace_widen_pipe(int descriptor, int bytes) {
    (void)fcntl(descriptor, F_SETPIPE_SZ, bytes);
}

int millrace_memory_file(const void *bytes, size_t count) {
    int descriptor = memfd_create("millrace", MFD_CLOEXEC);
    if (descriptor < 0) return -1;
    const char *next = bytes;
    while (count > 0) {
        ssize_t done = write(descriptor, next, count);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) {
            close(descriptor);
            return -1;
        }
        next += done;
        count -= (size_t)done;
    }
    if (lseek(descriptor, 0, SEEK_SET) < 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}
