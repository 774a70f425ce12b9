#include "CUTF8Proc.h"
#include <utf8proc.h>

uint8_t *millrace_nfc(const uint8_t *bytes, size_t count, size_t *length) {
    utf8proc_uint8_t *result = NULL;
    utf8proc_ssize_t size =
        utf8proc_map(bytes, (utf8proc_ssize_t)count, &result, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (size < 0) return NULL;
    *length = (size_t)size;
    return result;
}
