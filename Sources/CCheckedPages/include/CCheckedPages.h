#ifndef MILLRACE_CCHECKEDPAGES_H
#define MILLRACE_CCHECKEDPAGES_H

/// Bytes of a page in a database that is opened through the VFS below, the only size that it checks.
#define MILLRACE_PAGE_SIZE 4096
/// Bytes at the end of each page that must be set aside (SQLITE_FCNTL_RESERVE_BYTES) for its checksum.
#define MILLRACE_PAGE_RESERVE 8
/// The name of the VFS.
#define MILLRACE_CHECKED_VFS "millrace-checked"

/// Registers a SQLite VFS (sqlite.org/vfs.html) that puts a CRC-32C at the end of each page of a database file and checks
/// it when the page is read: SQLITE_IOERR_DATA where it is wrong. Logs have checksums of their own and are left alone.
/// May be called again; returns SQLite's code.
int millrace_register_checked_pages(void);

#endif
