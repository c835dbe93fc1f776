#include "crc32c.h"

#include <pthread.h>
#include <string.h>

// MARK: - Table form

static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void make_table(void) {
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t crc = n;
    for (int bit = 0; bit < 8; bit++) {
      crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
    }
    table[0][n] = crc;
  }
  for (uint32_t n = 0; n < 256; n++) {
    for (int k = 1; k < 8; k++) {
      table[k][n] = (table[k - 1][n] >> 8) ^ table[0][table[k - 1][n] & 0xFF];
    }
  }
}

uint32_t crc32c_extend_table(uint32_t crc, const void *bytes, size_t count) {
  pthread_once(&table_once, make_table);
  const uint8_t *p = bytes;
  crc = ~crc;
  while (count >= 8) {
    uint64_t word = 0;
    for (int k = 0; k < 8; k++) {
      word |= (uint64_t)p[k] << (8 * k);
    }
    word ^= crc;
    crc = 0;
    for (int k = 0; k < 8; k++) {
      crc ^= table[7 - k][(word >> (8 * k)) & 0xFF];
    }
    p += 8;
    count -= 8;
  }
  while (count-- > 0) {
    crc = (crc >> 8) ^ table[0][(crc ^ *p++) & 0xFF];
  }
  return ~crc;
}

// MARK: - Instruction form

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2")))
static uint32_t extend_sse42(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *p = bytes;
  uint64_t state = ~crc;
  while (count >= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    state = _mm_crc32_u64(state, word);
    p += 8;
    count -= 8;
  }
  uint32_t narrow = (uint32_t)state;
  if (count >= 4) {
    uint32_t word;
    memcpy(&word, p, 4);
    narrow = _mm_crc32_u32(narrow, word);
    p += 4;
    count -= 4;
  }
  while (count-- > 0) {
    narrow = _mm_crc32_u8(narrow, *p++);
  }
  return ~narrow;
}

uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
  if (__builtin_cpu_supports("sse4.2")) {
    return extend_sse42(crc, bytes, count);
  }
  return crc32c_extend_table(crc, bytes, count);
}

#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>

uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
  const uint8_t *p = bytes;
  crc = ~crc;
  while (count >= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    crc = __crc32cd(crc, word);
    p += 8;
    count -= 8;
  }
  while (count-- > 0) {
    crc = __crc32cb(crc, *p++);
  }
  return ~crc;
}

#else

uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t count) {
  return crc32c_extend_table(crc, bytes, count);
}

#endif
