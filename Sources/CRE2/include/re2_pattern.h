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

/// The same for a pattern whose groups are asked for.
re2_pattern *_Nullable re2_pattern_compile_groups(const char *_Nonnull pattern,
                                                  size_t pattern_length, char *_Nonnull error,
                                                  size_t error_capacity);

/// Releases the pattern.
void re2_pattern_free(re2_pattern *_Nullable pattern);

/// Whether the whole of `text` matches. Time is linear in `length`.
bool re2_pattern_full_match(const re2_pattern *_Nonnull pattern, const char *_Nullable text,
                            size_t length);

/// How many groups the pattern has, the whole match not counted.
int re2_pattern_group_count(const re2_pattern *_Nonnull pattern);

/// The number of the group of that name; -1 when there is none.
int re2_pattern_group_number(const re2_pattern *_Nonnull pattern, const char *_Nullable name,
                             size_t length);

/// Matches the whole of `text` and fills in where groups 0 to `count - 1` begin and end; both are -1
/// for a group that takes no part. The pattern must have been compiled for groups.
bool re2_pattern_match_groups(const re2_pattern *_Nonnull pattern, const char *_Nullable text,
                              size_t length, long *_Nonnull begins, long *_Nonnull ends, int count);

#ifdef __cplusplus
}
#endif

#endif
