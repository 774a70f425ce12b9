#include "CInflate.h"
#include <string.h>
#include <zlib.h>

int millrace_inflate(const uint8_t *input, size_t count, uint8_t *output, size_t capacity, size_t *length) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    *length = 0;
    if (inflateInit2(&stream, 15 + 32) != Z_OK) return MILLRACE_INFLATE_DAMAGED;
    size_t used = 0, written = 0;
    int answer = MILLRACE_INFLATE_DAMAGED;
    for (;;) {
        size_t in_step = count - used, out_step = capacity - written;
        if (in_step > 1u << 30) in_step = 1u << 30;
        if (out_step > 1u << 30) out_step = 1u << 30;
        stream.next_in = (Bytef *)input + used;
        stream.avail_in = (uInt)in_step;
        stream.next_out = output + written;
        stream.avail_out = (uInt)out_step;
        int code = inflate(&stream, Z_NO_FLUSH);
        used += in_step - stream.avail_in;
        written += out_step - stream.avail_out;
        if (code == Z_STREAM_END) {
            answer = MILLRACE_INFLATE_OK;
            // Another member may follow; anything else after the end is padding.
            if (count - used < 18 || input[used] != 0x1F || input[used + 1] != 0x8B) break;
            if (inflateReset(&stream) != Z_OK) break;
            answer = MILLRACE_INFLATE_DAMAGED;
            continue;
        }
        if (code != Z_OK && code != Z_BUF_ERROR) break;
        if (written == capacity) {
            answer = MILLRACE_INFLATE_TOO_LARGE;
            break;
        }
        if (used == count) break;
        if (code == Z_BUF_ERROR) break;
    }
    inflateEnd(&stream);
    *length = written;
    return answer;
}

size_t millrace_gzip_bound(size_t count) { return compressBound(count) + 64; }

size_t millrace_gzip(const uint8_t *input, size_t count, uint8_t *output, size_t capacity) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (count > 1u << 30 || capacity > 1u << 31) return 0;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    stream.next_in = (Bytef *)input;
    stream.avail_in = (uInt)count;
    stream.next_out = output;
    stream.avail_out = (uInt)capacity;
    int code = deflate(&stream, Z_FINISH);
    size_t length = stream.total_out;
    deflateEnd(&stream);
    return code == Z_STREAM_END ? length : 0;
}
