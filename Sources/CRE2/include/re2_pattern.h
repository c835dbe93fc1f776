#ifndef BLOCKHOUSE_RE2_PATTERN_H
#define BLOCKHOUSE_RE2_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled regular expression of RE2. Safe to use from several threads at once.
typedef struct re2_pattern re2_pattern;

/// Compiles `pattern`: Perl classes, UTF-8, dot matches a newline.
///
/// On a syntax error the result is NULL and `error` holds the reason, cut to `error_capacity - 1`
/// bytes and ended by a zero.
re2_pattern *_Nullable re2_pattern_compile(const char *_Nonnull pattern, size_t pattern_length,
                                           char *_Nonnull error, size_t error_capacity);

/// Releases the pattern.
void re2_pattern_free(re2_pattern *_Nullable pattern);

/// Whether the whole of `text` matches. Time is linear in `length`.
bool re2_pattern_full_match(const re2_pattern *_Nonnull pattern, const char *_Nullable text,
                            size_t length);

#ifdef __cplusplus
}
#endif

#endif
