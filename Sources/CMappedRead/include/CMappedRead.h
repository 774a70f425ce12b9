// Reading from a file that is mapped into memory where the disk may fail.
//
// The kernel has no error code for that: who touches a page that it can't read, or that is behind the file's end by now, gets
// a SIGBUS (mmap(2)), which ends the process.

#ifndef MILLRACE_MAPPED_READ_H
#define MILLRACE_MAPPED_READ_H

#include <stdbool.h>
#include <stddef.h>

// Takes SIGBUS for this process. What has nothing to do with millrace_mapped_read goes to whoever had it before.
// Must have returned 0 before the first read; otherwise an errno. May be called again.
int millrace_mapped_read_prepare(void);

// Copies from a mapped file; false where a page of it can't be read, and what is in `target` then is worth nothing.
bool millrace_mapped_read(void *restrict target, const void *restrict source, size_t count);

// Lets the processor fetch from a mapped file what is read soon. It never fails: what is not in memory is left where it is.
static inline void millrace_mapped_prefetch(const void *address) { __builtin_prefetch(address); }

#endif
