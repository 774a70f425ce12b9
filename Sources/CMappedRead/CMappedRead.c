#include "CMappedRead.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

// What this thread is reading, and where it goes on when it can't.
static _Thread_local struct {
    sigjmp_buf *volatile failed;
    uintptr_t start, end;
} reading;

static struct sigaction before;
static int failure;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void bus_error(int number, siginfo_t *information, void *context) {
    (void)context;
    uintptr_t address = (uintptr_t)information->si_addr;
    sigjmp_buf *failed = reading.failed;
    // Only a copy of bytes is left behind, which holds nothing.
    if (information->si_code > 0 && failed && address >= reading.start && address < reading.end) siglongjmp(*failed, 1);
    // None of ours: as if this handler had never been there. What the processor could not do is tried again at the return; a
    // signal that somebody sent is sent again.
    sigaction(SIGBUS, &before, NULL);
    if (information->si_code <= 0) raise(number);
}

static void prepare(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = bus_error;
    // It is not blocked meanwhile, so nothing has to be restored behind the jump.
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGBUS, &action, &before) != 0) failure = errno;
}

int millrace_mapped_read_prepare(void) {
    int error = pthread_once(&once, prepare);
    return error ? error : failure;
}

bool millrace_mapped_read(void *restrict target, const void *restrict source, size_t count) {
    sigjmp_buf place;
    reading.start = (uintptr_t)source;
    reading.end = reading.start + count;
    bool isRead = sigsetjmp(place, 0) == 0;
    if (isRead) {
        reading.failed = &place;
        atomic_signal_fence(memory_order_seq_cst);
        memcpy(target, source, count);
        atomic_signal_fence(memory_order_seq_cst);
    }
    reading.failed = NULL;
    return isRead;
}
