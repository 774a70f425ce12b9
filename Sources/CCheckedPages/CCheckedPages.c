#include "CCheckedPages.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <string.h>

#include "CChecksum.h"

// SQLite's own VFS for the system; its files stand behind ours in the same allocation.
static sqlite3_vfs *root;

typedef struct checked_file {
    sqlite3_file base;
} checked_file;

static sqlite3_file *real(sqlite3_file *file) { return (sqlite3_file *)((checked_file *)file + 1); }

static uint32_t checksum(const unsigned char *page) {
    return millrace_crc32c(0, page, MILLRACE_PAGE_SIZE - MILLRACE_PAGE_RESERVE);
}

static int is_page(int count, sqlite3_int64 offset) {
    return count == MILLRACE_PAGE_SIZE && offset % MILLRACE_PAGE_SIZE == 0;
}

static int checked_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
    int code = real(file)->pMethods->xRead(real(file), bytes, count, offset);
    if (code != SQLITE_OK || !is_page(count, offset)) return code;
    uint32_t stored;
    memcpy(&stored, (const unsigned char *)bytes + MILLRACE_PAGE_SIZE - MILLRACE_PAGE_RESERVE, sizeof stored);
    return stored == checksum(bytes) ? SQLITE_OK : SQLITE_IOERR_DATA;
}

static int checked_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    if (!is_page(count, offset)) return real(file)->pMethods->xWrite(real(file), bytes, count, offset);
    // The page is SQLite's and may be read by others meanwhile, so the checksum is put into a copy.
    unsigned char page[MILLRACE_PAGE_SIZE];
    memcpy(page, bytes, sizeof page);
    uint32_t sum = checksum(page);
    memset(page + MILLRACE_PAGE_SIZE - MILLRACE_PAGE_RESERVE, 0, MILLRACE_PAGE_RESERVE);
    memcpy(page + MILLRACE_PAGE_SIZE - MILLRACE_PAGE_RESERVE, &sum, sizeof sum);
    return real(file)->pMethods->xWrite(real(file), page, count, offset);
}

// Everything else is handed on.

static int checked_close(sqlite3_file *file) {
    int code = real(file)->pMethods->xClose(real(file));
    file->pMethods = NULL;
    return code;
}
static int checked_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return real(file)->pMethods->xTruncate(real(file), size);
}
static int checked_sync(sqlite3_file *file, int flags) { return real(file)->pMethods->xSync(real(file), flags); }
static int checked_size(sqlite3_file *file, sqlite3_int64 *size) {
    return real(file)->pMethods->xFileSize(real(file), size);
}
static int checked_lock(sqlite3_file *file, int level) { return real(file)->pMethods->xLock(real(file), level); }
static int checked_unlock(sqlite3_file *file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
static int checked_reserved(sqlite3_file *file, int *result) {
    return real(file)->pMethods->xCheckReservedLock(real(file), result);
}
static int checked_control(sqlite3_file *file, int operation, void *argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
static int checked_sector(sqlite3_file *file) { return real(file)->pMethods->xSectorSize(real(file)); }
static int checked_traits(sqlite3_file *file) {
    const int subpage_read = 0x8000;  // SQLITE_IOCAP_SUBPAGE_READ of newer versions: parts of pages can't be checked.
    return real(file)->pMethods->xDeviceCharacteristics(real(file)) & ~subpage_read;
}
static int checked_map(sqlite3_file *file, int region, int size, int extend, void volatile **memory) {
    return real(file)->pMethods->xShmMap(real(file), region, size, extend, memory);
}
static int checked_shared_lock(sqlite3_file *file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
static void checked_barrier(sqlite3_file *file) { real(file)->pMethods->xShmBarrier(real(file)); }
static int checked_unmap(sqlite3_file *file, int delete) { return real(file)->pMethods->xShmUnmap(real(file), delete); }

// Version 2: with a log, but without memory mapping, which would pass us by.
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = checked_close,
    .xRead = checked_read,
    .xWrite = checked_write,
    .xTruncate = checked_truncate,
    .xSync = checked_sync,
    .xFileSize = checked_size,
    .xLock = checked_lock,
    .xUnlock = checked_unlock,
    .xCheckReservedLock = checked_reserved,
    .xFileControl = checked_control,
    .xSectorSize = checked_sector,
    .xDeviceCharacteristics = checked_traits,
    .xShmMap = checked_map,
    .xShmLock = checked_shared_lock,
    .xShmBarrier = checked_barrier,
    .xShmUnmap = checked_unmap,
};

static int checked_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    if (!(flags & SQLITE_OPEN_MAIN_DB)) return root->xOpen(root, name, file, flags, out);
    file->pMethods = NULL;
    int code = root->xOpen(root, name, real(file), flags, out);
    if (code == SQLITE_OK) file->pMethods = &methods;
    return code;
}

static sqlite3_vfs checked;
static int outcome = SQLITE_ERROR;

static void register_once(void) {
    if (sqlite3_initialize() != SQLITE_OK) return;
    root = sqlite3_vfs_find(NULL);
    if (root == NULL) return;
    // Whatever does not open a file is the root's own function with the root's own data.
    checked = *root;
    checked.zName = MILLRACE_CHECKED_VFS;
    checked.pNext = NULL;
    checked.szOsFile = (int)sizeof(checked_file) + root->szOsFile;
    checked.xOpen = checked_open;
    outcome = sqlite3_vfs_register(&checked, 0);
}

int millrace_register_checked_pages(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_once);
    return outcome;
}
