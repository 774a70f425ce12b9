// What bytes are, sixteen at a time, as one bit each.
//
// In C because Swift's SIMD types have no way from a comparison to a bit mask; here it is one instruction a comparison (SSE2,
// which every x86-64 has; what Clang makes of it elsewhere). Nothing here decides how far to read: each function looks at
// as many bytes as its name says, and its callers, in Swift, keep the bounds.
#ifndef MILLRACE_CBYTESCAN_H
#define MILLRACE_CBYTESCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t millrace_bytes16 __attribute__((ext_vector_type(16)));
typedef bool millrace_bits16 __attribute__((ext_vector_type(16)));

/// A bit for each of 64 bytes, the first byte's lowest.
typedef struct {
    /// ASCII letters and digits, and all bytes beyond ASCII.
    uint64_t letters;
    /// ASCII digits.
    uint64_t digits;
    /// Bytes that begin a character of three or four bytes, or one of U+0080 to U+00BF: of others than these, every one is a
    /// letter or a mark of one.
    uint64_t wide;
    /// Whether all 64 bytes are ASCII.
    bool is_ascii;
} millrace_word_bytes;

static inline millrace_bytes16 millrace_load16(const void *_Nonnull bytes) {
    millrace_bytes16 block;
    memcpy(&block, bytes, 16);
    return block;
}

static inline uint64_t millrace_bits16_of(millrace_bytes16 hits) {
    const millrace_bits16 bits = __builtin_convertvector(hits, millrace_bits16);
    uint16_t result;
    memcpy(&result, &bits, 2);
    return result;
}

/// Looks at 64 bytes for words.
static inline millrace_word_bytes millrace_word_bytes64(const void *_Nonnull bytes) {
    millrace_word_bytes result = {0, 0, 0, true};
    millrace_bytes16 all = (millrace_bytes16)0;
    for (int part = 0; part < 4; part++) {
        const millrace_bytes16 block = millrace_load16((const uint8_t *)bytes + 16 * part);
        const millrace_bytes16 digits = (millrace_bytes16)(block - (uint8_t)'0' < (millrace_bytes16)10);
        const millrace_bytes16 letters = (millrace_bytes16)((block | (uint8_t)0x20) - (uint8_t)'a' < (millrace_bytes16)26);
        const millrace_bytes16 beyond = (millrace_bytes16)(block >= (millrace_bytes16)0x80);
        const millrace_bytes16 wide =
            (millrace_bytes16)(block >= (millrace_bytes16)0xE0) | (millrace_bytes16)(block == (millrace_bytes16)0xC2);
        all |= block;
        result.letters |= millrace_bits16_of(letters | digits | beyond) << (16 * part);
        result.digits |= millrace_bits16_of(digits) << (16 * part);
        result.wide |= millrace_bits16_of(wide) << (16 * part);
    }
    result.is_ascii = millrace_bits16_of((millrace_bytes16)(all >= (millrace_bytes16)0x80)) == 0;
    return result;
}

/// A bit for each of 16 bytes that a JSON string can't hold as it is: controls, quotation marks, backslashes.
static inline uint32_t millrace_json_escapes16(const void *_Nonnull bytes) {
    const millrace_bytes16 block = millrace_load16(bytes);
    return (uint32_t)millrace_bits16_of(
        (millrace_bytes16)(block < (millrace_bytes16)0x20) | (millrace_bytes16)(block == (millrace_bytes16)'"')
        | (millrace_bytes16)(block == (millrace_bytes16)'\\'));
}

/// The same of 64 bytes.
static inline uint64_t millrace_json_escapes64(const void *_Nonnull bytes) {
    uint64_t result = 0;
    for (int part = 0; part < 4; part++)
        result |= (uint64_t)millrace_json_escapes16((const uint8_t *)bytes + 16 * part) << (16 * part);
    return result;
}

/// A bit for each of 16 bytes that is not ASCII.
static inline uint32_t millrace_beyond_ascii16(const void *_Nonnull bytes) {
    return (uint32_t)millrace_bits16_of((millrace_bytes16)(millrace_load16(bytes) >= (millrace_bytes16)0x80));
}

/// The same of 64 bytes.
static inline uint64_t millrace_beyond_ascii_bits64(const void *_Nonnull bytes) {
    uint64_t result = 0;
    for (int part = 0; part < 4; part++)
        result |= (uint64_t)millrace_beyond_ascii16((const uint8_t *)bytes + 16 * part) << (16 * part);
    return result;
}

/// Whether one of 64 bytes is not ASCII.
static inline bool millrace_beyond_ascii64(const void *_Nonnull bytes) {
    const uint8_t *place = bytes;
    const millrace_bytes16 all = millrace_load16(place) | millrace_load16(place + 16) | millrace_load16(place + 32)
        | millrace_load16(place + 48);
    return millrace_bits16_of((millrace_bytes16)(all >= (millrace_bytes16)0x80)) != 0;
}

/// What markup and white space there is in 16 bytes.
typedef struct {
    /// A bit for each byte behind which one has to look: controls, `<`, `&`, and the first bytes of characters that may be
    /// white space or controls.
    uint32_t stops;
    /// A bit for each space.
    uint32_t spaces;
} millrace_line_bytes;

/// Looks at 16 bytes of text with markup.
static inline millrace_line_bytes millrace_line_bytes16(const void *_Nonnull bytes) {
    const millrace_bytes16 block = millrace_load16(bytes);
    millrace_line_bytes result = {
        (uint32_t)millrace_bits16_of(
            (millrace_bytes16)(block < (millrace_bytes16)0x20) | (millrace_bytes16)(block == (millrace_bytes16)'<')
            | (millrace_bytes16)(block == (millrace_bytes16)'&') | (millrace_bytes16)(block == (millrace_bytes16)0x7F)),
        (uint32_t)millrace_bits16_of((millrace_bytes16)(block == (millrace_bytes16)' ')),
    };
    // Most blocks are ASCII alone.
    if (millrace_bits16_of((millrace_bytes16)(block >= (millrace_bytes16)0x80)) != 0)
        result.stops |= (uint32_t)millrace_bits16_of(
            (millrace_bytes16)(block == (millrace_bytes16)0xC2) | (millrace_bytes16)(block == (millrace_bytes16)0xEF)
            | (millrace_bytes16)((block | (uint8_t)1) == (millrace_bytes16)0xE3));
    return result;
}

/// A bit for each of 16 bytes that is no ASCII letter, digit, `-`, `_` or `/`.
static inline uint32_t millrace_path_others16(const void *_Nonnull bytes) {
    const millrace_bytes16 block = millrace_load16(bytes);
    return (uint32_t)millrace_bits16_of(~(
        (millrace_bytes16)((block | (uint8_t)0x20) - (uint8_t)'a' < (millrace_bytes16)26)
        | (millrace_bytes16)(block - (uint8_t)'/' < (millrace_bytes16)11)
        | (millrace_bytes16)(block == (millrace_bytes16)'-') | (millrace_bytes16)(block == (millrace_bytes16)'_')));
}

/// A bit for each of 16 bytes that is no small ASCII letter, digit, `-` or full stop.
static inline uint32_t millrace_host_others16(const void *_Nonnull bytes) {
    const millrace_bytes16 block = millrace_load16(bytes);
    return (uint32_t)millrace_bits16_of(~(
        (millrace_bytes16)(block - (uint8_t)'a' < (millrace_bytes16)26)
        | (millrace_bytes16)(block - (uint8_t)'0' < (millrace_bytes16)10)
        | (millrace_bytes16)(block == (millrace_bytes16)'-') | (millrace_bytes16)(block == (millrace_bytes16)'.')));
}

/// Whether one of 16 bytes is an ASCII digit.
static inline bool millrace_digits16(const void *_Nonnull bytes) {
    const millrace_bytes16 block = millrace_load16(bytes);
    return millrace_bits16_of((millrace_bytes16)(block - (uint8_t)'0' < (millrace_bytes16)10)) != 0;
}

#endif
