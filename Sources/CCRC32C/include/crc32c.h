#ifndef BLOCKHOUSE_CRC32C_H
#define BLOCKHOUSE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/// Extends a CRC-32C (Castagnoli, reflected polynomial 0x82F63B78) by `count` bytes.
///
/// `crc` is the finished checksum of what came before, 0 for nothing. The fastest form the
/// processor has (SSE 4.2, ARMv8 CRC, a table) is chosen once.
uint32_t crc32c_extend(uint32_t crc, const void *_Nullable bytes, size_t count);

/// The table form, for machines without the instruction and for tests that compare both.
uint32_t crc32c_extend_table(uint32_t crc, const void *_Nullable bytes, size_t count);

#endif
