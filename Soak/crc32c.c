/* CRC-32C (RFC 3720, B.4) that goes on from the checksum `start`, one byte at a time: slow, plain, and not the daemon's own
   code. */
#include <stddef.h>
#include <stdint.h>

uint32_t crc32c(uint32_t start, const unsigned char *bytes, size_t count) {
    static uint32_t table[256];
    if (table[1] == 0)
        for (uint32_t byte = 0; byte < 256; byte++) {
            uint32_t value = byte;
            for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0x82F63B78u : value >> 1;
            table[byte] = value;
        }
    uint32_t value = ~start;
    for (size_t place = 0; place < count; place++) value = table[(value ^ bytes[place]) & 255] ^ value >> 8;
    return ~value;
}
