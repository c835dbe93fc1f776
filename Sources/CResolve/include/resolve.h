#ifndef BLOCKHOUSE_RESOLVE_H
#define BLOCKHOUSE_RESOLVE_H

#include <stdint.h>

/// What a query came to.
enum cresolve_outcome {
  CRESOLVE_ANSWERED,
  /// There is no such name, or none with such records.
  CRESOLVE_NOT_FOUND,
  /// No server answered, or none could.
  CRESOLVE_FAILED,
};

/// Asks the servers of /etc/resolv.conf for the service records of a name. Blocks for some seconds
/// at most.
///
/// `server`, an IPv4 address, and `port` take the place of the servers of /etc/resolv.conf unless
/// `server` is null. Writes the answer as it came to `answer`, `*count` bytes and never more than
/// `capacity`; what did not fit is cut.
enum cresolve_outcome cresolve_services(
    const char *name, const char *server, uint16_t port, unsigned char *answer, int capacity,
    int *count);

#endif
