#ifndef BLOCKHOUSE_BLOCK_IO_H
#define BLOCKHOUSE_BLOCK_IO_H

#include <stddef.h>
#include <stdint.h>

/// Makes a read past the end of a file that shrank under its mapping yield zeros.
///
/// Touching such a page raises SIGBUS, which ends the process by default. The handler puts a page
/// of zeros under the address instead and the read goes on; checksums then report the damage.
/// Any other SIGBUS keeps its default action. Installing twice does nothing.
void block_io_install_truncation_guard(void);

/// How many pages were replaced by zeros since the start of the process.
uint64_t block_io_truncation_count(void);

#endif
