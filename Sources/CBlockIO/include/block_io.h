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

/// Tells the kernel to begin writing a part of a file to disk, without waiting for it. A hint:
/// nothing is promised, errors show up when the file is synced.
void block_io_start_writeback(int descriptor, int64_t offset, int64_t count);

#endif
