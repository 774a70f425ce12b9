#ifndef MILLRACE_CSPAWN_H
#define MILLRACE_CSPAWN_H

#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// What a child gets besides its program. A descriptor of -1 means none.
struct millrace_spawn_options {
    int standard_input;
    int standard_output;
    int standard_error;
    /// Handed to the child as descriptor 3.
    int extra_descriptor;
    /// Bytes of private writable memory (RLIMIT_DATA); 0 for no limit.
    uint64_t memory_limit;
    /// Seconds of processor time (RLIMIT_CPU); 0 for no limit.
    uint64_t processor_seconds;
    /// Opening sockets fails with EACCES in the child and in what it starts.
    int without_network;
};

/// Starts a program in a process group of its own, with only the named descriptors, all signals at their defaults, and
/// SIGKILL as its fate when the calling thread ends. Returns its process id, or -1 with the errno of the step that
/// failed in `*error`.
pid_t millrace_spawn(
    const char *path, char *const *arguments, char *const *environment, const struct millrace_spawn_options *options,
    int *error);

/// pipe2 with O_CLOEXEC, which Swift's Glibc does not show. Returns 0, or -1 with errno.
int millrace_pipe(int ends[2]);

/// Lets a pipe hold so many bytes (F_SETPIPE_SZ), so that its ends wait less for each other; what is no pipe, or may not
/// grow, stays as it is.
void millrace_widen_pipe(int descriptor, int bytes);

/// A file in memory that holds the bytes, read from its beginning; close-on-exec. Returns its descriptor, or -1 with
/// errno.
int millrace_memory_file(const void *bytes, size_t count);

/// Gives memory that is free back to the system, which malloc else keeps for as long as the process runs (malloc_trim(3)).
static inline void millrace_give_back_memory(void) { (void)malloc_trim(0); }

#endif
